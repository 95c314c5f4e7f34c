import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLineageEvents, type Facet, type RunHistory, type RunState } from './openlineage.js';

const rules = JSON.parse(
  readFileSync(new URL('../cases/openlineage-2-0-2.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
formats.default(ajv);
const check = ajv.compile(rules);
const faultsOf = (event: unknown): unknown[] => {
  check(JSON.parse(JSON.stringify(event)));
  return check.errors ?? [];
};

const id = (digit: number): string => `00000000-0000-7000-8000-00000000000${digit}`;
const job = { namespace: 'weft://acme', name: 'forecast' };
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 2, 10, minute));
const bare: RunHistory = {
  runId: id(1),
  job,
  producer: 'https://weft.example/v0.1.0',
  transitions: [],
  inputs: [],
  outputs: [],
};
const full: RunHistory = {
  ...bare,
  job: {
    ...job,
    description: 'A forecast of the tides.',
    type: 'SERVICE',
    sourceCode: { type: 'git', url: 'https://git.example/acme/forecast', version: 'abc123' },
    tags: [{ key: 'team', value: 'ocean' }],
  },
  transitions: [
    { state: 'QUEUED', at: at(0) },
    { state: 'RUNNING', at: at(1) },
    { state: 'QUEUED', at: at(2) },
    { state: 'RUNNING', at: at(3) },
    { state: 'FAILED', at: at(4) },
  ],
  inputs: [
    { namespace: 'weft://acme', name: 'grid', sha256: 'ab12', bytes: 42, description: 'Depths.' },
    { namespace: 'weft://acme', name: 'grid', sha256: 'ab12', bytes: 42 },
    { namespace: 'weft://acme', name: 'params' },
  ],
  outputs: [{ namespace: 'weft://acme', name: 'tides', version: '3', sha256: 'cd34', bytes: 7, rows: 2 }],
  parent: {
    runId: id(2),
    job: { ...job, name: 'nightly' },
    root: { runId: id(3), job: { ...job, name: 'season' } },
  },
  retryOf: { runId: id(4), job },
  needs: [{ runId: id(5), job: { ...job, name: 'fetch' } }],
  nominalTime: { start: at(0), end: at(59) },
  tags: [{ key: 'priority', value: 'high', source: 'USER' }],
  error: { message: 'exit code 3', language: 'PYTHON', stackTrace: 'File "run.py"' },
  engine: { name: 'weft', version: '0.1.0' },
};

const states = (...list: RunState[]): RunHistory => ({
  ...full,
  transitions: list.map((state, minute) => ({ state, at: at(minute) })),
});
const types = (run: RunHistory): string[] => openLineageEvents(run).map(({ eventType }) => eventType);

describe('a run in OpenLineage', () => {
  it('is what the specification asks for, in each event', () => {
    const events = openLineageEvents(full);
    expect(events.map(({ eventType, eventTime }) => `${eventType} ${eventTime}`)).toEqual([
      'OTHER 2026-03-02T10:00:00.000Z',
      'START 2026-03-02T10:01:00.000Z',
      'OTHER 2026-03-02T10:02:00.000Z',
      'RUNNING 2026-03-02T10:03:00.000Z',
      'FAIL 2026-03-02T10:04:00.000Z',
    ]);
    for (const event of [...events, ...openLineageEvents({ ...bare, transitions: full.transitions })])
      expect(faultsOf(event)).toEqual([]);
  });

  it('begins once and ends once', () => {
    expect(types(states('QUEUED', 'RUNNING', 'SUCCEEDED'))).toEqual(['OTHER', 'START', 'COMPLETE']);
    expect(types(states('RUNNING', 'CANCELLED'))).toEqual(['START', 'ABORT']);
    expect(types(states('QUEUED', 'CANCELLED'))).toEqual(['OTHER', 'START', 'ABORT']);
    expect(types(states('FAILED'))).toEqual(['START', 'FAIL']);
    expect(types(states('QUEUED'))).toEqual(['OTHER']);
    expect(types(states('SUCCEEDED', 'RUNNING', 'FAILED'))).toEqual(['START', 'COMPLETE']);
    expect(types(bare)).toEqual([]);
  });

  it('whatever it went through, it begins before it ends, once each, and all of it conforms', () => {
    const any = fc.array(fc.constantFrom<RunState>('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(any, (list) => {
        const events = openLineageEvents(states(...list));
        for (const event of events) expect(faultsOf(event)).toEqual([]);
        const told = events.map(({ eventType }) => eventType);
        const ends = told.filter((type) => ['COMPLETE', 'FAIL', 'ABORT'].includes(type));
        expect(told.filter((type) => type === 'START')).toHaveLength(
          list.some((one) => one !== 'QUEUED') ? 1 : 0,
        );
        const isFinal = list.some((one) => one !== 'QUEUED' && one !== 'RUNNING');
        expect(ends).toEqual(isFinal ? told.slice(-1) : []);
        if (told.includes('START')) expect(told.slice(0, told.indexOf('START'))).not.toContain('RUNNING');
      }),
    );
  });

  it('says what it read, wrote and followed, under the schema of each facet', () => {
    const [first, ...others] = openLineageEvents(full);
    const last = others.at(-1);
    const said = (facets: Readonly<Record<string, Facet>> | undefined) =>
      Object.fromEntries(
        Object.entries(facets ?? {}).map(([word, { _producer, _schemaURL, ...content }]) => {
          expect(_producer).toBe(full.producer);
          expect(_schemaURL).toMatch(/^https:\/\/openlineage\.io\/spec\/facets\//);
          return [word, content];
        }),
      );
    expect(said(last?.run.facets)).toEqual({
      parent: {
        run: { runId: id(2) },
        job: { ...job, name: 'nightly' },
        root: { run: { runId: id(3) }, job: { ...job, name: 'season' } },
      },
      nominalTime: { nominalStartTime: at(0).toISOString(), nominalEndTime: at(59).toISOString() },
      jobDependencies: {
        upstream: [
          { run: { runId: id(5) }, job: { ...job, name: 'fetch' } },
          { run: { runId: id(4) }, job, status_trigger_rule: 'EXECUTE_ON_FAILURE' },
        ],
        downstream: [],
      },
      processing_engine: { name: 'weft', version: '0.1.0' },
      tags: { tags: [{ key: 'priority', value: 'high', source: 'USER' }] },
      errorMessage: { message: 'exit code 3', programmingLanguage: 'PYTHON', stackTrace: 'File "run.py"' },
    });
    expect(said(last?.job.facets)).toEqual({
      jobType: { processingType: 'BATCH', integration: 'WEFT', jobType: 'SERVICE' },
      documentation: { description: 'A forecast of the tides.' },
      sourceCodeLocation: { type: 'git', url: 'https://git.example/acme/forecast', version: 'abc123' },
      tags: { tags: [{ key: 'team', value: 'ocean' }] },
    });
    expect(first?.run.facets['errorMessage']).toBeUndefined();
    expect(first?.inputs.map(({ name }) => name)).toEqual(['grid', 'params']);
    expect(said(first?.inputs[0]?.facets)).toEqual({
      version: { datasetVersion: 'sha256:ab12' },
      documentation: { description: 'Depths.' },
    });
    expect(said(first?.inputs[0]?.inputFacets)).toEqual({ inputStatistics: { size: 42 } });
    expect(first?.outputs).toEqual([]);
    expect(said(last?.outputs[0]?.facets)).toEqual({ version: { datasetVersion: '3' } });
    expect(said(last?.outputs[0]?.outputFacets)).toEqual({ outputStatistics: { size: 7, rowCount: 2 } });
  });

  it('is named by UUIDs, and told by one who is named by a URL', () => {
    for (const wrong of [
      { ...full, runId: 'run-1' },
      { ...full, retryOf: { runId: '7', job } },
      { ...full, parent: { runId: id(2), job, root: { runId: 'root', job } } },
      { ...full, producer: 'weft' },
    ])
      expect(() => openLineageEvents(wrong)).toThrow(RangeError);
  });
});
