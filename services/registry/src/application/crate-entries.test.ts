import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CRATE_LIMITS, pathFor } from '../domain/crate-archive.js';
import type { Belonging } from '../domain/crate-content.js';
import { packed, type CratePlan } from './crate-entries.js';

const belonging = (key: string): Belonging => ({
  key,
  source: { from: 'ARTIFACT', artifactId: key },
  folder: 'inputs',
  name: key,
});

const planOf = (...keys: string[]): CratePlan => ({
  belongings: keys.map(belonging),
  workflow: undefined,
  crate: () => ({ metadata: { '@context': [], '@graph': [] }, files: [] }),
});

/** Counts and hashes nothing. */
const noHash = () => ({ update: () => undefined, digest: () => '' });

async function read(plan: CratePlan, chunks: number, size: number): Promise<void> {
  const chunk = new Uint8Array(size);
  const bytes = async function* () {
    for (let count = 0; count < chunks; count += 1) yield await Promise.resolve(chunk);
  };
  const open = () => Promise.resolve({ name: undefined, mediaType: 'text/plain', bytes: bytes() });
  const entries = packed(
    plan,
    open,
    noHash,
    () => undefined,
    () => undefined,
  );
  for await (const { content } of entries)
    if (!(content instanceof Uint8Array)) for await (const one of content) expect(one).toBe(chunk);
}

describe('the files of an archive', () => {
  it('have together as many bytes as are allowed, and not one more', async () => {
    const half = CRATE_LIMITS.bytes / 2;
    await read(planOf('a', 'b'), 4, half / 4);
    await expect(read(planOf('a', 'b', 'c'), 4, half / 4)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining(String(CRATE_LIMITS.bytes)) as string,
    });
  });

  it('are told of with the hash and the size of what was read', async () => {
    const holdings: unknown[] = [];
    const plan: CratePlan = {
      ...planOf('a', 'gone'),
      crate(holding) {
        holdings.push(...holding);
        return { metadata: { '@context': [], '@graph': [] }, files: [] };
      },
    };
    const hash = () => {
      const sha = createHash('sha256');
      return { update: (bytes: Uint8Array) => void sha.update(bytes), digest: () => sha.digest('hex') };
    };
    const bytes = async function* () {
      yield await Promise.resolve(Buffer.from('tides'));
    };
    const opened = { name: 'tides.txt', mediaType: 'text/plain', bytes: bytes() };
    const open = (source: Belonging['source']) =>
      Promise.resolve(source.from === 'ARTIFACT' && source.artifactId === 'a' ? opened : undefined);
    let told: unknown;
    for await (const { content } of packed(
      plan,
      open,
      hash,
      () => undefined,
      (made) => (told = made),
    ))
      if (!(content instanceof Uint8Array)) for await (const one of content) expect(one).toBeDefined();
    expect(holdings).toMatchObject([
      [
        'a',
        { path: 'inputs/tides.txt', bytes: 5, sha256: createHash('sha256').update('tides').digest('hex') },
      ],
      ['gone', { missing: expect.stringContaining('Not in this crate') as string }],
    ]);
    expect(told).toEqual({ fileCount: 0, missingCount: 1 });
  });
});

describe('the path of a file', () => {
  it.each([
    ['grid.csv', 'in/grid.csv'],
    ['größe 大.csv', 'in/größe 大.csv'],
    ['../../etc/passwd', 'in/_.._etc_passwd'],
    ['..', 'in/file'],
    ['', 'in/file'],
    ['.hidden', 'in/hidden'],
    ['C:\\a?.txt', 'in/C_a_.txt'],
    ['a\u0000b\n', 'in/a_b_'],
    ['end. ', 'in/end'],
    [`${'x'.repeat(300)}.json`, `in/${'x'.repeat(95)}.json`],
  ])('%j lies under %j', (name, path) => {
    expect(pathFor('in', name, new Set())).toEqual(
      path === `in/${name}` ? { path } : { path, originalName: name },
    );
  });

  it('is that of one file only, also where upper and lower case are the same', () => {
    const taken = new Set<string>();
    expect(['a.txt', 'A.TXT', 'a.txt', 'a-2.txt'].map((name) => pathFor('in', name, taken).path)).toEqual([
      'in/a.txt',
      'in/A-2.TXT',
      'in/a-3.txt',
      'in/a-2-2.txt',
    ]);
  });
});
