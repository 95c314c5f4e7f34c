import { spawn } from 'node:child_process';

/** Starts processes without end, each detached from the last. */
export async function run() {
  for (;;) {
    spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' }).on('error', () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
