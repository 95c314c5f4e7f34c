// `npm run test:soak`: full lengths and long load, by itself; `npm test` does not run it.
import { mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  { test: { include: ['tools/e2e/src/**/*.soak.ts'] } },
);
