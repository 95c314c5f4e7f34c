import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '@weft/embedded';
import { nodeBinary } from './node-child.js';
import type { World } from './world.js';

const noteOf = (dataDir: string): string => join(dataDir, 'sample.json');

/** Shows the example job once per data folder. What goes wrong is told and harms nothing; the next start tries again. */
export async function showFirstJob(world: World, stop: AbortSignal): Promise<void> {
  if (existsSync(noteOf(world.dataDir))) return;
  const { probeHost, port } = world.gateway;
  const child = spawn(nodeBinary(world.repo), [join(import.meta.dirname, 'sample-main.js')], {
    env: {
      ...world.inherited,
      NODE_COMPILE_CACHE: join(world.dataDir, 'compile-cache'),
      WEFT_URL: `http://${probeHost}:${port}`,
      WEFT_TOKEN: world.secrets.firstUserToken,
      WEFT_EXAMPLES: join(world.repo, 'tools', 'examples'),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: stop,
  });
  const code = await new Promise<number | null>((done) => {
    child.once('exit', done);
    child.once('error', () => done(null));
  });
  if (code === 0)
    writeAtomically(
      noteOf(world.dataDir),
      `${JSON.stringify({ shownAt: new Date().toISOString() })}\n`,
      0o600,
    );
}
