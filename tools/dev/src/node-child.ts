import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { AppError } from '@weft/errors';
import { startChild } from '@weft/embedded';
import type { Part } from './kept-part.js';
import { logFileOf } from './log-files.js';
import type { NodePart } from './parts.js';
import type { World } from './world.js';

/** The environment entry by which the processes of one data folder know each other, also after their supervisor died. */
export const markOf = (dataDir: string): string => `WEFT_SUPERVISED=${dataDir}`;

/** The Node.js that the lock file pins, else the one that runs this. */
export function nodeBinary(repo: string): string {
  const pinned = join(repo, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(pinned) ? pinned : process.execPath;
}

/** Settings of this process that its parts must not inherit: they have their own, and secrets go where they are needed. */
const OWN =
  /^(PORT|HOST|PUBLIC_URL|WEFT_DATA_DIR|WORKER_TARGETS|DATABASE_URL.*|NATS_.*|SECRETS_KEY|npm_.*|INIT_CWD|NODE_OPTIONS)$/;

export const inheritedOf = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || OWN.test(name) ? [] : [[name, value]],
    ),
  );

/** A part that cannot be asked has come up when it lives this long: wrong settings end it sooner. */
const LIVES_MS = 2_000;

/** A Node.js part as something that can be kept running. */
export function nodeChild(part: NodePart, world: World): Part {
  const mark = markOf(world.dataDir).split('=') as [string, string];
  let startedAt = 0;
  return {
    name: part.name,
    start(first) {
      startedAt = performance.now();
      if (!existsSync(part.entry)) {
        return Promise.reject(
          new AppError('CONFIG_INVALID', `${part.entry} is missing: build it with npx tsc -b`),
        );
      }
      const env: Record<string, string> = {
        ...world.inherited,
        ...part.env,
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: join(world.dataDir, 'compile-cache'),
        [mark[0]]: mark[1],
      };
      // A sync point strikes once: what it killed comes back without it. A file of points arms anew.
      if (!first && env['WEFT_SYNC_POINTS']?.startsWith('file:') !== true) delete env['WEFT_SYNC_POINTS'];
      return startChild({
        command: nodeBinary(world.repo),
        // Not --enable-source-maps: it reads the map of every module at start, 10 MB and more a process.
        args: [`--max-old-space-size=${part.heapMb}`, `--max-semi-space-size=${part.nurseryMb}`, part.entry],
        env,
        logFile: logFileOf(world.dataDir, part.name),
        cwd: world.repo,
        stopSignal: 'SIGTERM',
        signalOnOrphaned: 'KILL',
      });
    },
    isReady: () =>
      part.readyUrl === undefined
        ? Promise.resolve(performance.now() - startedAt >= LIVES_MS)
        : answers(part.readyUrl),
  };
}

/** Whether the URL answers 200 within two seconds. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
