import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { unzipped } from '@weft/testkit';
import { expect, it } from 'vitest';
import { zipOf, type ZipEntry } from './zip-of.js';

type Entries = Iterable<ZipEntry> | AsyncIterable<ZipEntry>;

async function archiveOf(entries: Entries): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const coming = (...chunks: (string | Buffer)[]): AsyncIterable<Uint8Array> =>
  Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );

it('holds what it was given, at hand or coming, in names of any language', async () => {
  const noise = randomBytes(300_000);
  const archive = await archiveOf([
    { path: 'a.txt', content: Buffer.from('at hand') },
    {
      path: 'folder/größe – 大きさ.bin',
      content: coming(noise.subarray(0, 100_000), noise.subarray(100_000)),
    },
    { path: 'empty', content: coming() },
    { path: 'last.txt', content: new TextEncoder().encode('last') },
  ]);
  const files = await unzipped(archive);
  expect([...files.keys()]).toEqual(['a.txt', 'folder/größe – 大きさ.bin', 'empty', 'last.txt']);
  expect(files.get('a.txt')?.toString()).toBe('at hand');
  expect(files.get('folder/größe – 大きさ.bin')?.equals(noise)).toBe(true);
  expect(files.get('empty')).toHaveLength(0);
  expect(await unzipped(await archiveOf([]))).toEqual(new Map());
});

it('is the same bytes for the same files, wherever and whenever it is written', async () => {
  const script = `import { zipOf } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    for await (const chunk of zipOf([{ path: 'a', content: Buffer.from('x') }])) process.stdout.write(Buffer.from(chunk).toString('hex'));`;
  const inZone = (TZ: string): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: { TZ }, encoding: 'utf8' });
  const here = (await archiveOf([{ path: 'a', content: Buffer.from('x') }])).toString('hex');
  for (const zone of ['Pacific/Kiritimati', 'America/Los_Angeles']) expect(inZone(zone)).toBe(here);
});

it('asks for an entry when the one before it was read, so that the last can tell of the others', async () => {
  const seen: string[] = [];
  async function* told(): AsyncGenerator<ZipEntry> {
    for (const path of ['one', 'two']) {
      const content = async function* () {
        yield await Promise.resolve(Buffer.from(path));
        seen.push(path);
      };
      yield { path, content: content() };
    }
    yield { path: 'index', content: Buffer.from(seen.join()) };
  }
  expect((await unzipped(await archiveOf(told()))).get('index')?.toString()).toBe('one,two');
});

it('ends with what went wrong, and lets go of its files when nobody reads on', async () => {
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('half'));
    throw new Error('the store is gone');
  };
  await expect(archiveOf([{ path: 'a', content: broken() }])).rejects.toThrow('the store is gone');
  await expect(archiveOf([{ path: '../a', content: Buffer.from('') }])).rejects.toThrow(
    'invalid relative path',
  );
  const refusing = async function* (): AsyncGenerator<ZipEntry> {
    yield await Promise.resolve({ path: 'a', content: Buffer.from('') });
    throw new Error('too much');
  };
  await expect(archiveOf(refusing())).rejects.toThrow('too much');

  let released = false;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield await Promise.resolve(randomBytes(65_536));
    } finally {
      released = true;
    }
  };
  for await (const chunk of zipOf([{ path: 'endless', content: endless() }])) if (chunk.length > 1_000) break;
  expect(released).toBe(true);
});
