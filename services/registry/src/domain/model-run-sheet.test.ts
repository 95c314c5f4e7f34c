import { expect, test } from 'vitest';
import { cellsOf, headerOf, readHeader, withJobColumns, type SheetTemplate } from './model-run-sheet.js';

const WIND = 'ark:99999/w1wind';
const TEMPLATE: SheetTemplate = {
  pid: 'ark:99999/w1template',
  slots: [
    {
      ...{ side: 'inputs', id: 'id-wind', pid: WIND, name: 'wind [m/s]', optional: false },
      resources: [
        { key: 'file / path', optional: false },
        { key: '__proto__', optional: true },
      ],
    },
    { ...{ side: 'outputs', id: 'id-reefs', pid: WIND, name: 'reefs', optional: true }, resources: [] },
  ],
  annotations: { required: ['scenario'], optional: ['=seed'] },
};
const HEADER = headerOf(TEMPLATE);

test('the header says the template, each field, slot, resource and annotation, and has room for the jobs', () => {
  expect(HEADER).toEqual([
    '_template ark:99999/w1template',
    ...['display_name', 'description', 'study_id', 'model_version', 'start_time', 'end_time'],
    ...['modeller_id', 'requesting_organisation_id'],
    ...[`input: wind [m/s] [${WIND}]`, `input: wind [m/s] [${WIND}] / file / path`],
    ...[`input: wind [m/s] [${WIND}] / __proto__`, `output: reefs [${WIND}]`],
    ...['annotation: scenario', 'annotation: =seed', '_job_id', '_job_status', '_model_run_id', '_error'],
  ]);
  expect(readHeader(HEADER, TEMPLATE)).toMatchObject({ problems: [], warnings: [] });
});

test('a row is a record, in any order of the columns and whatever templates are called today', () => {
  const renamed: SheetTemplate = {
    ...TEMPLATE,
    slots: TEMPLATE.slots.map((slot) => ({ ...slot, name: `new ${slot.name}` })),
  };
  const cells = HEADER.map((_, at) => ` v${at} `);
  cells[5] = '2026-03-31 12:00';
  cells[6] = '2026-03-31T12:00:30+02:00';
  cells[HEADER.indexOf('_job_id')] = '';
  const record = readHeader(HEADER.toReversed(), renamed).recordOf(cells.toReversed());
  expect(record).toEqual({
    workflowTemplateId: TEMPLATE.pid,
    ...{ displayName: 'v1', description: 'v2', studyId: 'v3', modelVersion: 'v4' },
    ...{ startTime: '2026-03-31T12:00:00Z', endTime: '2026-03-31T12:00:30+02:00' },
    associations: { modellerId: 'v7', requestingOrganisationId: 'v8' },
    inputs: [
      {
        ...{ datasetTemplateId: WIND, datasetId: 'v9' },
        resources: Object.fromEntries([
          ['file / path', 'v10'],
          ['__proto__', 'v11'],
        ]),
      },
    ],
    outputs: [{ datasetTemplateId: WIND, datasetId: 'v12' }],
    annotations: { scenario: 'v13', '=seed': 'v14' },
  });
  expect(cellsOf(record, TEMPLATE).slice(1)).toEqual([
    ...['v1', 'v2', 'v3', 'v4', '2026-03-31T12:00:00Z', '2026-03-31T12:00:30+02:00'],
    ...['v7', 'v8', 'v9', 'v10', 'v11', 'v12', 'v13', 'v14'],
  ]);
});

test('empty cells are absent, and a row that names a job is none', () => {
  const { recordOf } = readHeader(HEADER, TEMPLATE);
  expect(recordOf(['', 'name'])).toEqual({
    ...{ workflowTemplateId: TEMPLATE.pid, displayName: 'name', inputs: [], outputs: [], associations: {} },
  });
  expect(recordOf(HEADER.map((name) => (name === '_job_id' ? 'x' : '')))).toBeNull();
});

test('several datasets of a slot stand in one cell, and so do their resources', () => {
  const { recordOf } = readHeader(HEADER, TEMPLATE);
  const cell = (changes: Record<string, string>) => HEADER.map((name) => changes[name] ?? '');
  const [WINDS, FILES] = [`input: wind [m/s] [${WIND}]`, `input: wind [m/s] [${WIND}] / file / path`];
  const record = recordOf(cell({ [WINDS]: 'a;b ; c;', [FILES]: 'x.nc;;z.nc' }));
  expect(record?.['inputs']).toEqual([
    { datasetTemplateId: WIND, datasetId: 'a', resources: { 'file / path': 'x.nc' } },
    { datasetTemplateId: WIND, datasetId: 'b' },
    { datasetTemplateId: WIND, datasetId: 'c', resources: { 'file / path': 'z.nc' } },
  ]);
  const written = cellsOf(record, TEMPLATE);
  expect([written[HEADER.indexOf(WINDS)], written[HEADER.indexOf(FILES)]]).toEqual([
    'a; b; c',
    'x.nc; ; z.nc',
  ]);
  expect(recordOf(written)).toEqual(record);
  // What belongs to no dataset is not dropped.
  expect(recordOf(cell({ [WINDS]: 'a; b', [FILES]: '1;2;3' }))?.['inputs']).toHaveLength(3);
  expect(recordOf(cell({ [WINDS]: 'a', [FILES]: 'x;y' }))?.['inputs']).toEqual([
    { datasetTemplateId: WIND, datasetId: 'a', resources: { 'file / path': 'x;y' } },
  ]);
});

test('a row whose job failed is a record again', () => {
  const { recordOf } = readHeader(HEADER, TEMPLATE);
  const row = (status: string) =>
    recordOf(HEADER.map((name) => (name === '_job_id' ? 'x' : name === '_job_status' ? status : '')));
  expect(row(' FAILED ')).not.toBeNull();
  for (const status of ['', 'REGISTERED', 'CANCELLED', 'PENDING']) expect(row(status)).toBeNull();
});

test('annotations that the template does not know are noted, too', () => {
  const header = [...HEADER, 'annotation:weather '];
  const { recordOf, problems } = readHeader(header, TEMPLATE);
  expect(problems).toEqual([]);
  expect(recordOf([...HEADER.map(() => ''), 'fine'])?.['annotations']).toEqual({ weather: 'fine' });
});

test('columns that are missing, unknown, twice, or of another template are refused; those of others are warned of', () => {
  const told = (header: readonly string[]): string[] =>
    readHeader(header, TEMPLATE).problems.map(({ column, message }) => `${column} ${message}`);
  expect(told(HEADER.filter((name) => name !== 'display_name'))).toEqual([
    'null The column "display_name" is missing.',
  ]);
  expect(told(HEADER.slice(1))).toEqual(['null The column "_template ark:99999/w1template" is missing.']);
  expect(told(HEADER.filter((name) => !/_job|reefs|seed|model_version/.test(name)))).toEqual([]);
  expect(told([...HEADER, 'annotation: ', '_colour', 'description'])).toEqual([
    `${HEADER.length} The template has no column "annotation: ".`,
    `${HEADER.length + 1} The template has no column "_colour".`,
    `${HEADER.length + 2} The column "description" is there twice.`,
  ]);
  expect(told(['_template ark:99999/w1other', ...HEADER.slice(1)])[0]).toBe(
    '0 The sheet is for the template ark:99999/w1other, not for ark:99999/w1template.',
  );
  expect(readHeader([...HEADER, 'my notes'], TEMPLATE)).toMatchObject({
    problems: [],
    warnings: [expect.stringContaining('my notes')],
  });
  expect(withJobColumns(['a', '_job_id'])).toEqual([
    'a',
    '_job_id',
    '_job_status',
    '_model_run_id',
    '_error',
  ]);
});

test('records that nobody has judged are written as far as they go', () => {
  for (const record of [
    null,
    7,
    { inputs: 'x', associations: [] },
    { inputs: [null, { datasetTemplateId: 1 }] },
  ])
    expect(cellsOf(record, TEMPLATE)).toHaveLength(HEADER.length - 4);
});
