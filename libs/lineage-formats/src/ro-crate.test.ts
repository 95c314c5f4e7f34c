import { describe, expect, it } from 'vitest';
import {
  crateFaults,
  METADATA_FILE,
  roCrate,
  type CrateLevel,
  type CrateRun,
  type Entity,
  type RoCrate,
} from './index.js';

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 2, 10, minute));
const ada = {
  id: 'https://orcid.org/0000-0002-1825-0097',
  kind: 'PERSON',
  name: 'Ada',
  affiliation: { id: 'https://lab.example/', kind: 'ORGANIZATION', name: 'Lab' },
} as const;
const tool = (name: string) => ({
  id: `tool-${name}`,
  name,
  version: '1.2',
  url: `https://tools.example/${name}`,
});
const grid = {
  kind: 'FILE',
  path: 'inputs/my grid.csv',
  mediaType: 'text/csv',
  bytes: 42,
  sha256: 'ab',
  slot: 'grid',
} as const;
const middle = { kind: 'FILE', path: 'work/middle.bin', sha256: 'cd' } as const;
const tides = {
  kind: 'FILE',
  path: 'results/tides.json',
  name: 'tides.json',
  sha256: 'ef',
  slot: 'tides',
} as const;

const process: CrateRun = {
  name: 'Tides of March',
  description: 'A forecast with its inputs.',
  publishedAt: at(30),
  license: { iri: 'http://spdx.org/licenses/CC-BY-4.0', name: 'CC BY 4.0' },
  publisher: ada.affiliation,
  action: {
    id: 'run-7',
    name: 'Forecast',
    description: 'forecast --days 3',
    startedAt: at(1),
    endedAt: at(5),
    state: 'SUCCEEDED',
    agent: ada,
    instrument: tool('forecast'),
    objects: [
      grid,
      { kind: 'VALUE', slot: 'days', value: 3 },
      { kind: 'VALUE', slot: 'options', value: { deep: true } },
      { kind: 'REFERENCE', iri: 'https://data.example/bathymetry.nc', bytes: 9_000_000_000, slot: 'depths' },
      { kind: 'REFERENCE', iri: 'urn:uuid:00000000-0000-4000-8000-000000000001', name: 'not shared' },
    ],
    results: [tides],
  },
  traces: [{ path: 'logs/run.log', mediaType: 'text/plain' }],
};
const workflow: CrateRun = {
  ...process,
  workflow: {
    name: 'Forecast of tides',
    description: 'Grid, then tides.',
    file: { path: 'workflow.json', mediaType: 'application/json', sha256: '12' },
    language: {
      id: 'https://weft.example/workflow',
      name: 'Weft workflow',
      url: 'https://weft.example/',
      version: '1',
    },
    author: ada,
  },
};
const provenance: CrateRun = {
  ...workflow,
  workflow: {
    ...(workflow.workflow as NonNullable<CrateRun['workflow']>),
    engine: { id: 'weft', name: 'Weft', version: '0.1.0' },
    steps: [
      {
        id: 'step-prepare',
        name: 'prepare',
        action: {
          ...process.action,
          id: 'run-8',
          name: 'Prepare',
          instrument: tool('prepare'),
          objects: [grid],
          results: [middle],
        },
      },
      {
        id: 'step-solve',
        name: 'solve',
        action: {
          ...process.action,
          id: 'run-9',
          name: 'Solve',
          instrument: tool('solve'),
          objects: [{ ...middle, slot: 'state' }],
          results: [tides],
        },
      },
    ],
  },
};

const entityOf = ({ metadata }: RoCrate, id: string): Entity | undefined =>
  metadata['@graph'].find((entity) => entity['@id'] === id);

describe('a run as a crate', () => {
  it.each<[CrateLevel, CrateRun]>([
    ['process', process],
    ['workflow', workflow],
    ['provenance', provenance],
    ['process', { ...process, license: 'All rights reserved', publisher: undefined, traces: undefined }],
    [
      'process',
      {
        ...process,
        action: {
          ...process.action,
          agent: undefined,
          objects: [],
          results: [],
          endedAt: undefined,
          state: 'RUNNING',
        },
      },
    ],
    [
      'provenance',
      {
        ...provenance,
        workflow: { ...(provenance.workflow as NonNullable<CrateRun['workflow']>), engine: undefined },
      },
    ],
  ])('conforms to the profile of a %s run', (level, run) => {
    const crate = roCrate(run);
    expect(crateFaults(crate, level)).toEqual([]);
    expect(JSON.parse(JSON.stringify(crate.metadata))).toEqual(crate.metadata);
  });

  it('would be found out if it lacked what a profile asks for', () => {
    const crate = roCrate(provenance);
    const without = (id: string, property: string): RoCrate => ({
      ...crate,
      metadata: {
        ...crate.metadata,
        '@graph': crate.metadata['@graph'].map((entity) =>
          entity['@id'] === id
            ? (Object.fromEntries(Object.entries(entity).filter(([word]) => word !== property)) as Entity)
            : entity,
        ),
      },
    });
    for (const [id, property] of [
      [METADATA_FILE, 'conformsTo'],
      ['./', 'license'],
      ['./', 'datePublished'],
      ['./', 'conformsTo'],
      ['./', 'hasPart'],
      ['./', 'mainEntity'],
      ['#run-7', 'instrument'],
      ['#run-8', 'instrument'],
      ['#run-7', 'actionStatus'],
      ['workflow.json', 'programmingLanguage'],
      ['workflow.json', 'step'],
      ['workflow.json', 'hasPart'],
      ['#step-solve', 'workExample'],
      ['#run-9-control', 'object'],
      ['#run-7-organize', 'result'],
      ['#tool-solve-output-tides', 'additionalType'],
    ] as const)
      expect([id, property, crateFaults(without(id, property), 'provenance').length > 0]).toEqual([
        id,
        property,
        true,
      ]);
    expect(crateFaults({ ...crate, files: crate.files.slice(1) }, 'provenance')).toEqual([
      'the files are the parts',
    ]);
    expect(crateFaults(roCrate(workflow), 'provenance')).not.toEqual([]);
    expect(crateFaults(roCrate(process), 'workflow')).not.toEqual([]);
  });

  it('tells what ran, when, by whom, with what and to what end', () => {
    const crate = roCrate(process);
    expect(entityOf(crate, '#run-7')).toEqual({
      '@id': '#run-7',
      '@type': 'CreateAction',
      name: 'Forecast',
      description: 'forecast --days 3',
      instrument: { '@id': '#tool-forecast' },
      agent: { '@id': ada.id },
      startTime: '2026-03-02T10:01:00.000Z',
      endTime: '2026-03-02T10:05:00.000Z',
      object: [
        { '@id': 'inputs/my%20grid.csv' },
        { '@id': '#run-7-input-days' },
        { '@id': '#run-7-input-options' },
        { '@id': 'https://data.example/bathymetry.nc' },
        { '@id': 'urn:uuid:00000000-0000-4000-8000-000000000001' },
      ],
      result: { '@id': 'results/tides.json' },
      actionStatus: { '@id': 'http://schema.org/CompletedActionStatus' },
    });
    expect(entityOf(crate, 'inputs/my%20grid.csv')).toMatchObject({
      '@type': 'File',
      name: 'my grid.csv',
      encodingFormat: 'text/csv',
      contentSize: '42',
      sha256: 'ab',
      exampleOfWork: { '@id': '#tool-forecast-input-grid' },
    });
    expect(entityOf(crate, '#run-7-input-days')).toMatchObject({
      '@type': 'PropertyValue',
      name: 'days',
      value: '3',
    });
    expect(entityOf(crate, '#run-7-input-options')).toMatchObject({ value: '{"deep":true}' });
    expect(entityOf(crate, '#tool-forecast-input-days')).toMatchObject({
      name: 'days',
      additionalType: 'Integer',
    });
    expect(entityOf(crate, '#tool-forecast')).toMatchObject({ softwareVersion: '1.2' });
    expect(entityOf(crate, 'logs/run.log')).toMatchObject({ about: { '@id': '#run-7' } });
    expect(entityOf(crate, ada.id)).toMatchObject({ affiliation: { '@id': 'https://lab.example/' } });
    expect(crate.files.map(({ path }) => path)).toEqual([
      'inputs/my grid.csv',
      'results/tides.json',
      'logs/run.log',
    ]);
  });

  it('has the workflow in the place of the tool, and a file of two steps once', () => {
    const crate = roCrate(provenance);
    expect(entityOf(crate, '#run-7')?.['instrument']).toEqual({ '@id': 'workflow.json' });
    expect(entityOf(crate, 'workflow.json')).toMatchObject({
      '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow', 'HowTo'],
      name: 'Forecast of tides',
      description: 'Grid, then tides.',
      step: [{ '@id': '#step-prepare' }, { '@id': '#step-solve' }],
      hasPart: [{ '@id': '#tool-prepare' }, { '@id': '#tool-solve' }],
    });
    expect(entityOf(crate, 'results/tides.json')?.['exampleOfWork']).toEqual([
      { '@id': '#workflow.json-output-tides' },
      { '@id': '#tool-solve-output-tides' },
    ]);
    expect(entityOf(crate, '#step-solve')).toMatchObject({
      position: '1',
      workExample: { '@id': '#tool-solve' },
    });
    expect(crate.files.filter(({ path }) => path === middle.path)).toHaveLength(1);
  });

  it('says why a run failed, and that one was cancelled', () => {
    const ended = (state: 'FAILED' | 'CANCELLED', error?: string) => {
      const crate = roCrate({ ...process, action: { ...process.action, state, error, results: [] } });
      expect(crateFaults(crate, 'process')).toEqual([]);
      return entityOf(crate, '#run-7');
    };
    const failed = { '@id': 'http://schema.org/FailedActionStatus' };
    expect(ended('FAILED', 'exit code 3')).toMatchObject({ actionStatus: failed, error: 'exit code 3' });
    expect(ended('FAILED')?.['error']).toBeUndefined();
    expect(ended('CANCELLED')).toMatchObject({ actionStatus: failed, error: 'It was cancelled.' });
  });

  it('holds nothing outside of itself, and no two files under one path', () => {
    const withFile =
      (path: string, sha256 = 'zz') =>
      () =>
        roCrate({ ...process, action: { ...process.action, results: [{ kind: 'FILE', path, sha256 }] } });
    for (const path of [
      '../secret',
      '/etc/passwd',
      'a/../../b',
      'a\\b',
      'a//b',
      './a',
      '',
      METADATA_FILE,
      'ro-crate-preview.html',
      'a\0b',
    ])
      expect(withFile(path)).toThrow(RangeError);
    expect(withFile(grid.path, 'other')).toThrow(RangeError);
    expect(withFile(grid.path, grid.sha256)).not.toThrow();
  });
});
