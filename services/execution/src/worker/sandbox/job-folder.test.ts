import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeLeftoverFolders } from './job-folder.js';

const NOBODY = 2 ** 22 + 1;

it('what a worker left that no longer lives is removed: the folders of its runs, and the inputs it had fetched', () => {
  const parent = mkdtempSync(join(tmpdir(), 'weft-leftovers-'));
  for (const pid of [NOBODY, process.pid]) {
    mkdirSync(join(parent, `run-${pid}-0-1`));
    writeFileSync(join(parent, `in-${pid}-1`), 'an input');
  }
  writeFileSync(join(parent, 'something-else'), '');
  removeLeftoverFolders(parent);
  expect(readdirSync(parent).sort()).toEqual([
    `in-${process.pid}-1`,
    `run-${process.pid}-0-1`,
    'something-else',
  ]);
  rmSync(parent, { recursive: true });
});
