import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes files without end until one cannot be written. */
export function run() {
  const block = Buffer.alloc(1024 * 1024, 1);
  for (let number = 0; ; number += 1) {
    const file = openSync(`${number % 2 === 0 ? '/work' : '/tmp'}/fill-${number}`, 'w');
    for (let blocks = 0; blocks < 8; blocks += 1) writeSync(file, block);
    closeSync(file);
  }
}
