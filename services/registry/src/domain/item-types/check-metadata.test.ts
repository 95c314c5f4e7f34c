import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_REGISTERED, type RegisteredSubtype } from '../node.js';
import { sampleMetadata, sampleWith } from '../../testing/sample-metadata.js';
import {
  checkMetadata,
  currentSchema,
  displayNameOf,
  MAX_METADATA_BYTES,
  referencesOf,
  searchTextsOf,
} from './index.js';

const told = (subtype: RegisteredSubtype, metadata: unknown) =>
  checkMetadata(subtype, currentSchema(subtype).version, metadata).map(({ path, message }) => {
    expect(path.slice(0, 2)).toEqual(['input', 'metadata']);
    return { at: path.slice(2).join('.'), message };
  });
const places = (subtype: RegisteredSubtype, metadata: unknown) => told(subtype, metadata).map(({ at }) => at);

describe.each(ALL_REGISTERED)('%s', (subtype) => {
  it('accepts metadata with every field', () => {
    expect(told(subtype, sampleMetadata(subtype))).toEqual([]);
  });

  it('accepts metadata with the required fields alone', () => {
    const { required } = currentSchema(subtype).jsonSchema as { required: string[] };
    const full = sampleMetadata(subtype);
    expect(told(subtype, Object.fromEntries(required.map((name) => [name, full[name]])))).toEqual([]);
  });

  it('tells all that is missing at once', () => {
    const { required } = currentSchema(subtype).jsonSchema as { required: string[] };
    expect(places(subtype, {}).sort()).toEqual([...required].sort());
  });

  it('refuses fields that it does not know', () => {
    expect(places(subtype, { ...sampleMetadata(subtype), surprise: 1 })).toEqual(['surprise']);
  });
});

const WRONG: readonly (readonly [RegisteredSubtype, string, unknown, RegExp])[] = [
  ['PERSON', 'firstName', '', /First name: it is not empty/],
  ['PERSON', 'lastName', ' \t', /one line of text that is not blank/],
  ['PERSON', 'lastName', 'a\nb', /one line/],
  ['PERSON', 'lastName', '   ', /not blank/],
  ['PERSON', 'lastName', 'x'.repeat(101), /at most 100 characters/],
  ['PERSON', 'lastName', 7, /it is a text/],
  ['PERSON', 'email', 'ada at example.org', /an e-mail address, for example ada@example.org/],
  ['PERSON', 'orcid', '0000-0002-1825-0097', /for example https:\/\/orcid.org/],
  ['PERSON', 'orcid', 'https://orcid.org/0000-0002-1825-0079', /slip of typing/],
  ['PERSON', 'ethicsApproved', 'true', /true or false/],
  ['PERSON', 'userMetadata.x', 1, /a text/],
  ['ORGANISATION', 'ror', 'https://ror.org/03yrm5c62', /slip of typing/],
  ['ORGANISATION', 'ror', 'https://ror.org/03yrm5cu6', /for example https:\/\/ror.org/],
  ['MODEL', 'description', ' ', /not blank/],
  ['MODEL', 'sourceUrl', 'ftp://example.org', /http:\/\/ or https:\/\//],
  ['MODEL', 'sourceUrl', 'https://example.org/a b', /URI/],
  ['MODEL', 'documentationUrl', 'javascript:alert(1)', /web address/],
  ['MODEL_RUN_WORKFLOW_TEMPLATE', 'modelId', 'two words', /id or persistent identifier/],
  [
    'MODEL_RUN_WORKFLOW_TEMPLATE',
    'inputTemplates.1.templateId',
    'item-wind',
    /at inputTemplates.0.templateId already/,
  ],
  ['MODEL_RUN_WORKFLOW_TEMPLATE', 'inputTemplates.0.optional', 'no', /true or false/],
  ['MODEL_RUN_WORKFLOW_TEMPLATE', 'annotations.optional.0', 'scenario', /annotations.required.0/],
  ['MODEL_RUN_WORKFLOW_TEMPLATE', 'annotations.required', undefined, /Required annotations is missing/],
  ['DATASET', 'associations.organisationId', undefined, /Organisation is missing/],
  ['DATASET', 'approvals.ethicsAccess.relevant', null, /true or false/],
  ['DATASET', 'datasetInfo.accessInfo.uri', undefined, /not kept here/],
  ['DATASET', 'datasetInfo.accessInfo.uri', 'JavaScript:alert(1)', /refused/],
  ['DATASET', 'datasetInfo.accessInfo.uri', '/srv/data', /scheme|URI/],
  ['DATASET', 'datasetInfo.createdDate', '2026-02-30', /a day as year-month-day/],
  ['DATASET', 'datasetInfo.license', 'CC-BY', /URI|web address/],
  ['DATASET', 'datasetInfo.spatialInfo.coverage', 'x'.repeat(50_001), /at most 50000 characters/],
  ['DATASET', 'datasetInfo.spatialInfo.resolution', 0, /more than 0/],
  ['DATASET', 'datasetInfo.spatialInfo.resolution', '0.1', /a number/],
  ['DATASET', 'datasetInfo.temporalInfo.resolution', 'P', /P1DT6H/],
  ['DATASET', 'datasetInfo.temporalInfo.duration.endDate', '2024-12-31', /Last day is before/],
  ['DATASET', 'datasetInfo.keywords.1', '', /not empty/],
  ['DATASET', 'datasetInfo.formats', Array(101).fill('csv'), /at most 100 entries/],
  ['DATASET_TEMPLATE', 'definedResources.0.usageType', 'OTHER', /one of PARAMETER_FILE, CONFIG_FILE/],
  ['DATASET_TEMPLATE', 'definedResources.0.path', '../secret', /relative to the root/],
  ['DATASET_TEMPLATE', 'definedResources.0.path', '/etc/passwd', /relative to the root/],
  ['DATASET_TEMPLATE', 'deferredResources.0.key', undefined, /Key is missing/],
  ['MODEL_RUN', 'endTime', '2026-03-31T11:59:59Z', /End is before startTime/],
  ['MODEL_RUN', 'startTime', '2026-03-31T12:00:00', /offset from UTC/],
  ['MODEL_RUN', 'displayName', '', /not empty/],
  ['MODEL_RUN', 'inputs.0.datasetId', undefined, /Dataset is missing/],
  ['MODEL_RUN', 'inputs.0.datasetType', 'FILE', /DATA_STORE/],
  ['MODEL_RUN', 'associations.modellerId', undefined, /Modeller is missing/],
  ['STUDY', 'title', null, /a text/],
  ['CREATE', 'createdItemId', '', /not empty/],
  ['VERSION', 'newVersionNumber', 1, /2 at least/],
  ['VERSION', 'newVersionNumber', 2.5, /a whole number/],
  ['VERSION', 'toItemId', 'item-old', /no version of itself/],
];

it.each(WRONG)('%s %s: %j', (subtype, path, value, message) => {
  expect(told(subtype, sampleWith(subtype, path, value))).toEqual([
    { at: path, message: expect.stringMatching(message) as unknown },
  ]);
});

it('tells the spare words of data that are kept here', () => {
  const metadata = sampleWith('DATASET', 'datasetInfo.accessInfo.reposited', true);
  expect(places('DATASET', metadata)).toEqual([
    'datasetInfo.accessInfo.uri',
    'datasetInfo.accessInfo.description',
  ]);
});

it('takes the durations that are durations', () => {
  const with_ = (duration: string) =>
    places('DATASET', sampleWith('DATASET', 'datasetInfo.temporalInfo.resolution', duration));
  for (const good of ['P1Y2M10DT2H30M', 'PT0.5S', 'P2W', 'PT15M', 'P1D']) expect(with_(good)).toEqual([]);
  for (const bad of ['PT', 'P1', '1D', 'P1DT', 'P1H', 'P1M1Y', 'P1D ']) expect(with_(bad)).toHaveLength(1);
});

it('takes the ORCID and ROR iDs that exist', () => {
  for (const orcid of ['0000-0001-5109-3700', '0000-0002-1694-233X'])
    expect(places('PERSON', sampleWith('PERSON', 'orcid', `https://orcid.org/${orcid}`))).toEqual([]);
  for (const ror of ['03qn8fb07', '042nb2s44', '03yrm5c26'])
    expect(places('ORGANISATION', sampleWith('ORGANISATION', 'ror', `https://ror.org/${ror}`))).toEqual([]);
});

it('tells schema and rules at once, each place once', () => {
  const metadata = {
    ...sampleWith('MODEL_RUN', 'endTime', '2020-01-01T00:00:00Z'),
    description: '',
    inputs: [{ datasetId: 'a' }, 3],
  };
  expect(places('MODEL_RUN', metadata).sort()).toEqual([
    'description',
    'endTime',
    'inputs.0.datasetTemplateId',
    'inputs.1',
  ]);
});

it('names the version that it does not know', () => {
  expect(checkMetadata('STUDY', 2, {})).toEqual([
    {
      code: 'ITEM_METADATA_INVALID',
      message: 'STUDY has no version 2 of its schema; the current one is 1.',
      path: ['input', 'schemaVersion'],
    },
  ]);
});

describe('what is no metadata at all', () => {
  it.each([[null], [[]], ['text'], [7], [undefined], [true]])('%j', (value) => {
    expect(told('STUDY', value)).toEqual([{ at: '', message: 'Metadata is a JSON object.' }]);
  });

  it('refuses what JSON has not', () => {
    for (const value of [undefined, NaN, Infinity, 1n, () => 1, new Date(), new Map()])
      expect(places('STUDY', { ...sampleMetadata('STUDY'), title: value })).toEqual(['title']);
  });

  it('refuses what PostgreSQL cannot store', () => {
    expect(places('STUDY', sampleWith('STUDY', 'title', 'a\0b'))).toEqual(['title']);
    expect(places('STUDY', sampleWith('STUDY', 'userMetadata.x', '\ud800'))).toEqual(['userMetadata.x']);
    expect(places('STUDY', sampleWith('STUDY', 'userMetadata', { '\0': 'x' }))).toEqual(['userMetadata']);
    const hidden = JSON.parse('{"__proto__": "x"}') as unknown;
    expect(places('STUDY', sampleWith('STUDY', 'userMetadata', hidden))).toEqual(['userMetadata']);
  });

  it('refuses what is too large, counted in bytes', () => {
    const large = (length: number) => sampleWith('STUDY', 'description', 'ü'.repeat(length));
    expect(told('STUDY', large(MAX_METADATA_BYTES / 2))[0]?.message).toMatch(/at most 256 kB/);
    expect(told('STUDY', large(20_001))[0]?.message).toMatch(/at most 20000 characters/);
  });

  it('refuses what is too deep', () => {
    let deep: unknown = 'end';
    for (let n = 0; n < 100_000; n++) deep = n % 2 === 0 ? [deep] : { a: deep };
    expect(told('STUDY', { ...sampleMetadata('STUDY'), title: deep })[0]?.message).toMatch(/nested at most/);
  });

  it('tells at most a hundred places, and how many more', () => {
    const inputs = Array<number>(5_000).fill(1);
    const all = told('MODEL_RUN', { ...sampleMetadata('MODEL_RUN'), inputs });
    expect(all).toHaveLength(101);
    expect(all.at(-1)?.message).toBe('4901 more are not listed.');
  });
});

const EVIL_ENDS = [
  ['', ''],
  ['', '!'],
  ['', '\n'],
  ['a@', '!'],
  ['https://', ' '],
  ['https://[', '\x01'],
] as const;

// A pattern that takes more than linear time would not come back within the time of a test.
it('answers on texts that patterns are slow on', () => {
  const long = 60_000;
  const evil = [
    'a',
    ' ',
    '1',
    '1.',
    'a@',
    'a.',
    'P1',
    'P1Y',
    'https://a',
    '-',
    '%41',
    ':',
    'a:',
    '\t',
    'ü',
    'a-',
    '1:',
    'x@a.',
    '/a',
  ];
  for (const unit of evil)
    for (const [head, tail] of EVIL_ENDS) {
      const text =
        head + unit.repeat(Math.floor(long / (Buffer.byteLength(JSON.stringify(unit)) - 2))) + tail;
      for (const [subtype, path] of [
        ['PERSON', 'lastName'],
        ['PERSON', 'email'],
        ['PERSON', 'orcid'],
        ['MODEL', 'sourceUrl'],
        ['DATASET', 'datasetInfo.accessInfo.uri'],
        ['DATASET', 'datasetInfo.createdDate'],
        ['DATASET', 'datasetInfo.temporalInfo.resolution'],
        ['MODEL_RUN', 'startTime'],
        ['MODEL_RUN', 'studyId'],
      ] as const)
        expect(places(subtype, sampleWith(subtype, path, text))).toEqual([path]);
    }
});

const anySubtype = fc.constantFrom(...ALL_REGISTERED);

/** The sample with something put in the place of one of its parts. */
function withAnother(value: unknown, path: readonly number[], other: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[step % (keys.length + 1)] ?? 'other';
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = withAnother(copy[key], rest, other);
  return copy;
}

it('answers whatever it is given, and what it passes can be read', () => {
  fc.assert(
    fc.property(
      anySubtype,
      fc.jsonValue({ maxDepth: 6 }),
      fc.array(fc.nat(20), { maxLength: 5 }),
      (subtype, other, path) => {
        for (const metadata of [other, withAnother(sampleMetadata(subtype), path, other)]) {
          const before = JSON.stringify(metadata);
          const errors = checkMetadata(subtype, 1, metadata);
          expect(JSON.stringify(metadata)).toBe(before);
          for (const { code, message, path: place } of errors) {
            expect(code).toBe('ITEM_METADATA_INVALID');
            expect(message).not.toMatch(/undefined|\[object/);
            expect(place.slice(0, 2)).toEqual(['input', 'metadata']);
          }
          expect(displayNameOf(subtype, metadata)).not.toBe('');
          expect(referencesOf(subtype, 1, metadata)).toBeInstanceOf(Array);
          expect(typeof searchTextsOf(subtype, 1, metadata).rest).toBe('string');
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
