// `npm start` with fake parts: the real supervisor, PostgreSQL and NATS around processes that do nothing.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../dist/index.js';
import { partsOf } from '../../dist/parts.js';

const here = dirname(fileURLToPath(import.meta.url));
const misbehaving = JSON.parse(process.env.FAKE_PARTS ?? '{}');

process.exitCode = await run({
  repo: resolve(here, '../../../..'),
  args: process.argv.slice(2),
  env: process.env,
  screen: process.stdout,
  onStopRequest: (callback) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, callback);
  },
  parts: (world) =>
    partsOf(world).map((part) => ({
      ...part,
      entry: join(here, 'fake-part.mjs'),
      env: { ...part.env, ...misbehaving[part.name] },
    })),
});
