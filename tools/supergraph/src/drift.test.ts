import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDrift, writeGenerated } from './drift.js';
import { lineDiff } from './line-diff.js';

describe('drift of generated files', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'weft-drift-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  const files = [{ path: 'docs/page.md', content: 'one\ntwo\nthree\n' }];

  it('names a file that does not exist', () => {
    expect(findDrift(root, files)).toEqual([{ path: 'docs/page.md', diff: 'the file does not exist' }]);
  });

  it('is none after writing, and writing again writes nothing', () => {
    expect(writeGenerated(root, files)).toEqual(['docs/page.md']);
    expect(readFileSync(join(root, 'docs/page.md'), 'utf8')).toBe('one\ntwo\nthree\n');
    expect(findDrift(root, files)).toEqual([]);
    expect(writeGenerated(root, files)).toEqual([]);
  });

  it('shows the line that was edited by hand', () => {
    writeGenerated(root, files);
    writeFileSync(join(root, 'docs/page.md'), 'one\n2\nthree\n');
    expect(findDrift(root, files)).toEqual([
      { path: 'docs/page.md', diff: '  one\n- 2\n+ two\n  three\n  ' },
    ]);
  });
});

describe('line diff', () => {
  it('finds insertions, removals and changes apart from each other', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join('\n');
    const after = ['a', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'new', 'i'].join('\n');
    expect(lineDiff(before, after).split('\n')).toEqual([
      '  a',
      '- b',
      '+ B',
      '  c',
      '  d',
      '  g',
      '  h',
      '+ new',
      '  i',
      '- j',
    ]);
  });

  it('is bounded', () => {
    const diff = lineDiff(Array(300).fill('x').join('\n'), Array(300).fill('y').join('\n'), 10).split('\n');
    expect(diff).toHaveLength(11);
    expect(diff.at(-1)).toBe('… 590 more lines differ');
  });
});
