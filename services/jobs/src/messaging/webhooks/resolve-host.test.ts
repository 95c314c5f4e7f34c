import { createSocket } from 'node:dgram';
import { whenFileEnds } from '@weft/testkit';
import { expect, it } from 'vitest';
import { createResolveHost } from './resolve-host.js';

const A = 1;
const AAAA = 28;
const never = new AbortController().signal;

/** A name server that knows what it is told: name → type → addresses as bytes. Silent about names that begin with `slow`. */
async function nameServer(zone: Readonly<Record<string, Readonly<Record<number, readonly number[][]>>>>) {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12);
    const labels: string[] = [];
    for (let at = 12; at < end; at += (query[at] as number) + 1)
      labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] as number)));
    const type = query.readUInt16BE(end + 1);
    const name = labels.join('.').toLowerCase();
    if (name.startsWith('slow')) return;
    const known = zone[name];
    const answers = known?.[type] ?? [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(known === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const records = answers.map((bytes) =>
      Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]),
    );
    socket.send(Buffer.concat([header, query.subarray(12, end + 5), ...records]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  whenFileEnds(() => new Promise((resolve) => socket.close(() => resolve())));
  return [`127.0.0.1:${socket.address().port}`];
}

const V6 = [0x26, 0x06, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 0x11];

it('gives every address of a name, of both kinds', async () => {
  const resolve = createResolveHost(
    await nameServer({
      'hooks.dev': {
        [A]: [
          [93, 184, 215, 14],
          [10, 0, 0, 1],
        ],
        [AAAA]: [V6],
      },
      'four.dev': { [A]: [[1, 2, 3, 4]] },
      'empty.dev': {},
    }),
  );
  expect(await resolve('hooks.dev', never)).toEqual(['93.184.215.14', '10.0.0.1', '2606:4700::1111']);
  expect(await resolve('four.dev', never)).toEqual(['1.2.3.4']);
  await expect(resolve('empty.dev', never)).rejects.toThrow('no address of empty.dev');
  await expect(resolve('unknown.dev', never)).rejects.toThrow('no address of unknown.dev');
  expect(await resolve('localhost', never)).toEqual(['127.0.0.1', '::1']);
});

it('ends at once when it is told to', async () => {
  const resolve = createResolveHost(await nameServer({}));
  const stopping = new AbortController();
  const begun = performance.now();
  setTimeout(() => stopping.abort(), 50);
  await expect(resolve('slow.dev', stopping.signal)).rejects.toThrow();
  expect(performance.now() - begun).toBeLessThan(1_500);
  await expect(resolve('slow.dev', stopping.signal)).rejects.toThrow();
});
