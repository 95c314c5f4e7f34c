import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import {
  buildSupervisor,
  eventually,
  newDataDir,
  processesOf,
  removeDataDir,
  runFileOf,
} from './testing/fake-weft.js';

const repo = resolve(import.meta.dirname, '../../..');
const dataDir = newDataDir();
beforeAll(buildSupervisor, 120_000);
afterAll(() => removeDataDir(dataDir));

// npm hands signals to the shell that runs the script, and a shell does not hand them on.
it('SIGTERM to npm itself stops all of Weft', async () => {
  const npm = spawn('npm', ['start', '--silent', '--', '--no-sample'], {
    cwd: repo,
    env: { ...process.env, PORT: '0', WEFT_DATA_DIR: dataDir },
    stdio: 'ignore',
  });
  const ended = new Promise((done) => npm.once('close', done));
  try {
    await eventually(() => (runs() ? true : undefined), 60_000);
  } finally {
    npm.kill('SIGTERM');
  }
  await ended;
  await eventually(() => (processesOf(dataDir).length === 0 ? true : undefined), 30_000);
}, 120_000);

function runs(): boolean {
  try {
    return runFileOf(dataDir).gateway.pid !== null;
  } catch {
    return false;
  }
}
