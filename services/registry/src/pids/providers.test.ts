import { Secret } from '@weft/config';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PidProvider, PidRecord } from '../application/pid-ports.js';
import { checkArk } from '../domain/pid.js';
import { PidFailure } from '../domain/pid-publication.js';
import {
  DATACITE_PASSWORD,
  DATACITE_PREFIX,
  DATACITE_REPOSITORY,
  startDataciteServer,
  type DataciteServer,
} from '../testing/datacite-server.js';
import {
  HANDLE_PASSWORD,
  HANDLE_PREFIX,
  HANDLE_USER,
  startHandleServer,
  type HandleServer,
} from '../testing/handle-server.js';
import { dataciteProvider, type DataciteOptions } from './datacite.js';
import { handleProvider, type HandleOptions } from './handle.js';
import { localArk } from './local-ark.js';

const record: PidRecord & { url: string } = {
  url: 'https://weft.example.org/id/x',
  title: 'Riffe – “Ø”',
  creators: ['Lovelace, Ada', 'CSIRO'],
  publisher: 'Example Institute',
  year: 2026,
  type: 'DATASET',
};
const on = new AbortController().signal;

const failure = async (work: Promise<unknown>): Promise<PidFailure> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PidFailure);
  return error as PidFailure;
};

describe('handles', () => {
  let server: HandleServer;
  beforeEach(async () => {
    server = await startHandleServer();
  });
  const provider = (options: Partial<HandleOptions> = {}) =>
    handleProvider({
      url: server.url,
      prefix: HANDLE_PREFIX,
      shoulder: 'w1',
      user: HANDLE_USER,
      password: new Secret(HANDLE_PASSWORD),
      ...options,
    });
  const handleOf = (pid: string) => pid.slice('hdl:'.length);

  it('makes one that leads to the item and that we administer', async () => {
    const handles = provider();
    const pid = handles.mint();
    expect(pid).toMatch(/^hdl:20\.500\.12345\/w1[0-9b-z]{15}$/);
    expect(handles.owns(pid)).toBe(true);
    expect(handles.owns('ark:99999/w1')).toBe(false);
    await handles.publish(pid, record, on);
    expect(server.text(handleOf(pid), 1)).toBe(record.url);
    expect(server.text(handleOf(pid), 2)).toBe(record.title);
    expect(server.handles.get(handleOf(pid))?.find(({ type }) => type === 'HS_ADMIN')?.data.value).toEqual({
      handle: '20.500.12345/ADMIN',
      index: 300,
      permissions: '011111110011',
    });
  });

  it('may be published again, also after an answer that was lost', async () => {
    const pid = provider().mint();
    server.faults.push('LOST');
    expect((await failure(provider().publish(pid, record, on))).kind).toBe('UNAVAILABLE');
    await provider().publish(pid, { ...record, title: 'Other' }, on);
    expect(server.handles.size).toBe(1);
    expect(server.text(handleOf(pid), 2)).toBe('Other');
  });

  it('moves, and stays when it is withdrawn', async () => {
    const pid = provider().mint();
    await provider().publish(pid, record, on);
    await provider().updateTarget(pid, 'https://new.example.org/x', on);
    await provider().retire(pid, 'It was wrong.', on);
    await provider().retire(pid, 'It was wrong.', on);
    expect(server.text(handleOf(pid), 1)).toBe('https://new.example.org/x');
    expect(server.text(handleOf(pid), 2)).toBe('Withdrawn: It was wrong.');
    expect(server.handles.get(handleOf(pid))).toHaveLength(3);
  });

  it('names the settings when the server does not take us for who we are', async () => {
    for (const options of [
      { password: new Secret('wrong') },
      { user: `301:${HANDLE_PREFIX}/ADMIN` },
      { prefix: '20.500.99999' },
    ]) {
      const wrong = provider(options);
      const { kind, message } = await failure(wrong.publish(wrong.mint(), record, on));
      expect([kind, message]).toEqual(['SETUP', expect.stringMatching(/HANDLE_USER and HANDLE_PASSWORD/)]);
      expect(message).not.toMatch(/wrong|secret/);
    }
  });
});

describe('DOIs', () => {
  let server: DataciteServer;
  beforeEach(async () => {
    server = await startDataciteServer();
  });
  const provider = (options: Partial<DataciteOptions> = {}) =>
    dataciteProvider({
      url: server.url,
      prefix: DATACITE_PREFIX,
      shoulder: 'w1',
      user: DATACITE_REPOSITORY,
      password: new Secret(DATACITE_PASSWORD),
      ...options,
    });
  const doi = (pid: string) => server.dois.get(pid.slice('doi:'.length));

  it('makes one that is findable', async () => {
    const pid = provider().mint();
    expect(pid).toMatch(/^doi:10\.5072\/w1[0-9b-z]{15}$/);
    await provider().publish(pid, record, on);
    expect(doi(pid)).toEqual({
      state: 'findable',
      attributes: {
        url: record.url,
        titles: [{ title: record.title }],
        creators: [{ name: 'Lovelace, Ada' }, { name: 'CSIRO' }],
        publisher: 'Example Institute',
        publicationYear: 2026,
        types: { resourceTypeGeneral: 'Dataset', resourceType: 'DATASET' },
        schemaVersion: 'http://datacite.org/schema/kernel-4',
      },
    });
  });

  it('may be published again, moves, and is hidden when it is withdrawn, but not lost', async () => {
    const pid = provider().mint();
    server.faults.push('LOST');
    await failure(provider().publish(pid, record, on));
    await provider().publish(pid, { ...record, title: 'Other' }, on);
    expect(server.dois.size).toBe(1);
    await provider().updateTarget(pid, 'https://new.example.org/x', on);
    for (let twice = 0; twice < 2; twice++) {
      await provider().retire(pid, 'It was wrong.', on);
      expect(doi(pid)).toMatchObject({
        state: 'registered',
        attributes: { url: 'https://new.example.org/x', titles: [{ title: 'Other' }] },
      });
    }
    await provider().publish(pid, record, on);
    expect(doi(pid)?.state).toBe('findable');
  });

  it('tells what DataCite does not take', async () => {
    const { kind, message } = await failure(
      provider().publish(provider().mint(), { ...record, creators: [] }, on),
    );
    expect([kind, message]).toEqual(['REFUSED', expect.stringMatching(/422.*creators can't be blank/)]);
  });

  it('names the settings when DataCite does not take us for who we are', async () => {
    for (const options of [{ password: new Secret('wrong') }, { user: 'X.Y' }, { prefix: '10.9999' }]) {
      const wrong = provider(options);
      const { kind, message } = await failure(wrong.publish(wrong.mint(), record, on));
      expect([kind, message]).toEqual(['SETUP', expect.stringMatching(/DATACITE_PASSWORD/)]);
    }
    server.faults.push({ status: 404, body: { errors: [{ title: 'not there' }] } });
    expect((await failure(provider().publish(provider().mint(), record, on))).kind).toBe('SETUP');
  });

  it.each([
    [{ status: 500, body: 'x'.repeat(100_000) }, 'UNAVAILABLE', undefined],
    [{ status: 502 }, 'UNAVAILABLE', undefined],
    [{ status: 503 }, 'UNAVAILABLE', undefined],
    [{ status: 503, headers: { 'retry-after': '7' } }, 'BUSY', 7_000],
    [{ status: 429, headers: { 'retry-after': '120' } }, 'BUSY', 120_000],
    [{ status: 429, headers: { 'retry-after': 'soon' } }, 'BUSY', undefined],
    [{ status: 301, headers: { location: 'http://evil.example/' } }, 'SETUP', undefined],
    [{ status: 400, body: 'no\n\u0000 JSON' }, 'REFUSED', undefined],
    ['BROKEN', 'UNAVAILABLE', undefined],
    ['SILENT', 'UNAVAILABLE', undefined],
  ] as const)('%j: %s', async (fault, expected, wait) => {
    server.faults.push(fault);
    const told = await failure(provider({ timeoutMs: 300 }).publish('doi:10.5072/x', record, on));
    expect([told.kind, told.retryAfterMs]).toEqual([expected, wait]);
    expect(told.message.length).toBeLessThan(600);
    expect(told.message).not.toMatch(/\p{Cc}/u);
    expect(server.asked).toHaveLength(1);
  });

  it('waits for nothing once the service stops', async () => {
    server.faults.push('SILENT');
    const stopping = new AbortController();
    const work = provider().publish('doi:10.5072/x', record, stopping.signal);
    stopping.abort(new Error('stopping'));
    await expect(work).rejects.not.toBeInstanceOf(PidFailure);
  });

  it('says what cannot be reached', async () => {
    const { kind, message } = await failure(
      provider({ url: 'http://127.0.0.1:1' }).publish('doi:10.5072/x', record, on),
    );
    expect([kind, message]).toEqual(['UNAVAILABLE', expect.stringMatching(/ECONNREFUSED/)]);
  });
});

it('makes ARKs that ask nobody', async () => {
  const provider: PidProvider = localArk('99999', 'w1');
  const pids = new Set(Array.from({ length: 1_000 }, () => provider.mint()));
  expect(pids.size).toBe(1_000);
  for (const pid of pids) expect(checkArk(pid).valid).toBe(true);
  await provider.publish('', record, on);
});
