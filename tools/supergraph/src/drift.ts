// Compares what is committed with what the code says now. Never writes when it only checks.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GeneratedFile } from './generated-file.js';
import { lineDiff } from './line-diff.js';

export interface Drift {
  readonly path: string;
  readonly diff: string;
}

const onDisk = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The files that differ from what the code renders now, each with a readable diff. */
export function findDrift(root: string, files: readonly GeneratedFile[]): Drift[] {
  return files.flatMap(({ path, content }) => {
    const committed = onDisk(join(root, path));
    if (committed === content) return [];
    return [
      { path, diff: committed === undefined ? 'the file does not exist' : lineDiff(committed, content) },
    ];
  });
}

/** Writes the files that differ; returns their paths. */
export function writeGenerated(root: string, files: readonly GeneratedFile[]): string[] {
  return files
    .filter(({ path, content }) => onDisk(join(root, path)) !== content)
    .map(({ path, content }) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      return path;
    });
}
