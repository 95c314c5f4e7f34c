import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.js';

// A closed pipe or terminal must not end the supervisor before its parts.
process.stdout.on('error', () => undefined);

process.exitCode = await run({
  repo: resolve(dirname(fileURLToPath(import.meta.url)), '../../..'),
  args: process.argv.slice(2),
  env: process.env,
  screen: process.stdout,
  onStopRequest: (callback) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, callback);
  },
});
