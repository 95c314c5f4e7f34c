import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

// type-graphql loads graphql's CommonJS entry; a second (ESM) copy would refuse its schemas (docs/adr/0001).
const graphqlEntry = createRequire(import.meta.url).resolve('graphql');

export default defineConfig({
  resolve: {
    conditions: ['@weft/source', 'node'],
    alias: [{ find: /^graphql$/, replacement: graphqlEntry }],
  },
  ssr: { resolve: { conditions: ['@weft/source', 'node'] } },
  test: {
    include: ['{libs,services,gateway,tools}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['libs/testkit/src/setup.ts'],
    globalSetup: ['libs/testkit/src/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
  },
});
