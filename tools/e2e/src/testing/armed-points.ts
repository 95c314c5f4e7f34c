// Named points of running processes, armed one at a time through a file (libs/telemetry, sync points).
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@weft/testkit';
import { REPO, type RunFile, type Weft } from './weft.js';

export const armedBy = (data: string): string => `file:${join(data, 'sync-points')}`;

/** The next process that comes to the point (`name=kill`) dies there; resolves when the supervisor has another one running. */
export async function killAt(
  weft: Weft,
  point: string,
  pidOf: (run: RunFile) => number | null,
  work: () => Promise<void>,
): Promise<void> {
  const file = join(weft.data, 'sync-points');
  rmSync(`${file}.struck`, { force: true });
  const before = pidOf(weft.run());
  writeFileSync(file, point);
  await work();
  await eventually(`a strike at ${point}`, () => existsSync(`${file}.struck`), 15_000);
  await eventually('the part running again', () => {
    const now = pidOf(weft.run());
    return now !== null && now !== before;
  });
}

/** Every point that the sources of these folders name. */
export const pointsIn = (...folders: string[]): string[] => {
  const names = folders.flatMap((folder) =>
    readdirSync(join(REPO, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) =>
        [...readFileSync(join(REPO, folder, file), 'utf8').matchAll(/syncPoint\('([\w-]+)'\)/g)].map(
          ([, name]) => name as string,
        ),
      ),
  );
  return [...new Set(names)].sort();
};
