import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ALL_REGISTERED, REGISTERED_SUBTYPES } from '../node.js';
import { sampleMetadata } from '../../testing/sample-metadata.js';
import {
  currentSchema,
  displayNameOf,
  itemTypeOf,
  referencesOf,
  schemaOf,
  searchTextsOf,
  type JsonObject,
} from './index.js';

interface Part {
  readonly place: string;
  readonly schema: JsonObject;
}

/** A schema and all that is in it. */
function* partsOf(schema: JsonObject, place = ''): Iterable<Part> {
  yield { place, schema };
  const { properties, items, additionalProperties } = schema as Record<string, JsonObject | undefined>;
  for (const [name, part] of Object.entries(properties ?? {}))
    yield* partsOf(part as JsonObject, `${place}/${name}`);
  if (items !== undefined) yield* partsOf(items, `${place}/*`);
  if (typeof additionalProperties === 'object') yield* partsOf(additionalProperties, `${place}/*`);
}

describe.each(ALL_REGISTERED)('%s', (subtype) => {
  const type = itemTypeOf(subtype);

  it('numbers its schemas from 1', () => {
    expect(type.subtype).toBe(subtype);
    expect(REGISTERED_SUBTYPES[type.category]).toContain(subtype);
    expect(type.schemas.map(({ version }) => version)).toEqual(type.schemas.map((_, n) => n + 1));
    expect(currentSchema(subtype)).toBe(type.schemas.at(-1));
    expect(schemaOf(subtype, 1)).toBe(type.schemas[0]);
    expect(schemaOf(subtype, 0)).toBeUndefined();
    expect(schemaOf(subtype, type.schemas.length + 1)).toBeUndefined();
  });

  it.each(type.schemas)('version $version explains and bounds everything', ({ jsonSchema }) => {
    expect(jsonSchema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    for (const { place, schema } of partsOf(jsonSchema)) {
      expect(schema['title'], place).toMatch(/\S/);
      expect(schema['description'], place).toMatch(/\.$/);
      if (schema['type'] === 'string' && schema['enum'] === undefined)
        expect(schema['maxLength'], place).toBeTypeOf('number');
      if (schema['type'] === 'array') expect(schema['maxItems'], place).toBeTypeOf('number');
      if (schema['type'] === 'object' && schema['additionalProperties'] !== false) {
        expect(schema['maxProperties'], place).toBeTypeOf('number');
        expect(schema['propertyNames'], place).toMatchObject({ maxLength: expect.any(Number) as unknown });
      }
      // Linear checks only, and nothing that a form could take for an answer.
      expect(Object.keys(schema), place).not.toContain('uniqueItems');
      expect(Object.keys(schema), place).not.toContain('default');
    }
  });

  it.each(type.schemas)('version $version stands alone in any strict validator', ({ jsonSchema }) => {
    const formats = { uri: true, email: true, date: true, 'date-time': true } as const;
    const validate = new Ajv2020({ strict: true, formats }).compile(jsonSchema);
    expect(validate(sampleMetadata(subtype))).toBe(true);
  });

  it.each(type.schemas)('version $version has a form that orders every field', ({ jsonSchema, uiSchema }) => {
    for (const { place, schema } of partsOf(jsonSchema)) {
      if (schema['properties'] === undefined) continue;
      let ui: JsonObject | undefined = uiSchema;
      for (const step of place.split('/').slice(1))
        ui = ui?.[step === '*' ? 'items' : step] as JsonObject | undefined;
      expect(ui?.['ui:order'], place).toEqual(Object.keys(schema['properties'] as object));
    }
  });

  it.each(type.schemas)('version $version points at fields that are there', ({ jsonSchema, ...schema }) => {
    const places = new Set([...partsOf(jsonSchema)].map(({ place }) => place));
    const { keywords, description, skipped } = schema.search;
    for (const place of [
      ...keywords,
      ...description,
      ...skipped,
      ...schema.references.map(({ path }) => path),
    ])
      expect(places, place).toContain(place);
  });
});

it('says of each type what it is and who writes it', () => {
  const table = ALL_REGISTERED.map((subtype) => {
    const { category, versionable, writtenBy } = itemTypeOf(subtype);
    return `${subtype} ${category} ${versionable ? 'versions' : '-'} ${writtenBy}`;
  });
  expect(table).toEqual([
    'MODEL ENTITY versions PEOPLE',
    'MODEL_RUN_WORKFLOW_TEMPLATE ENTITY versions PEOPLE',
    'DATASET ENTITY versions PEOPLE',
    'DATASET_TEMPLATE ENTITY versions PEOPLE',
    'MODEL_RUN ACTIVITY - REGISTRY',
    'STUDY ACTIVITY - PEOPLE',
    'CREATE ACTIVITY - REGISTRY',
    'VERSION ACTIVITY - REGISTRY',
    'PERSON AGENT - PEOPLE',
    'ORGANISATION AGENT - PEOPLE',
  ]);
});

it('names items by what people call them', () => {
  expect(
    Object.fromEntries(
      ALL_REGISTERED.map((subtype) => [subtype, displayNameOf(subtype, sampleMetadata(subtype))]),
    ),
  ).toEqual({
    PERSON: 'Ada Lovelace',
    ORGANISATION: 'California Digital Library',
    MODEL: 'Reef growth model',
    MODEL_RUN_WORKFLOW_TEMPLATE: 'Yearly run',
    DATASET: 'Reef survey',
    DATASET_TEMPLATE: 'Survey',
    MODEL_RUN: 'Run 7',
    STUDY: 'Warming',
    CREATE: 'Creation of item-dataset',
    VERSION: 'Version 2 of item-old',
  });
  expect(displayNameOf('DATASET', {})).toBe('Dataset');
  expect(displayNameOf('PERSON', { lastName: 'Lovelace' })).toBe('Lovelace');
});

const references = (subtype: (typeof ALL_REGISTERED)[number]) =>
  referencesOf(subtype, 1, sampleMetadata(subtype)).map(
    ({ path, item, subtypes }) => `${path.join('.')} ${item} ${subtypes.join('|')}`,
  );

it('finds the items that metadata names', () => {
  expect(references('MODEL_RUN_WORKFLOW_TEMPLATE')).toEqual([
    'modelId item-model MODEL',
    'inputTemplates.0.templateId item-wind DATASET_TEMPLATE',
    'inputTemplates.1.templateId item-config DATASET_TEMPLATE',
    'outputTemplates.0.templateId item-wind DATASET_TEMPLATE',
  ]);
  expect(references('DATASET')).toEqual([
    'associations.organisationId item-organisation ORGANISATION',
    'associations.dataCustodianId item-person PERSON',
    'datasetInfo.publisherId item-publisher ORGANISATION',
  ]);
  expect(references('MODEL_RUN')).toEqual([
    'workflowTemplateId item-template MODEL_RUN_WORKFLOW_TEMPLATE',
    'studyId item-study STUDY',
    'inputs.0.datasetTemplateId item-wind DATASET_TEMPLATE',
    'inputs.0.datasetId item-dataset DATASET',
    'outputs.0.datasetTemplateId item-result DATASET_TEMPLATE',
    'outputs.0.datasetId item-made DATASET',
    'associations.modellerId item-person PERSON',
    'associations.requestingOrganisationId item-organisation ORGANISATION',
  ]);
  expect(references('VERSION').map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
    'fromItemId item-old',
    'toItemId item-new',
  ]);
  expect(references('PERSON')).toEqual([]);
});

it('knows which references metadata cannot be without', () => {
  expect(
    currentSchema('DATASET')
      .references.filter(({ required }) => required)
      .map(({ path }) => path),
  ).toEqual(['/associations/organisationId', '/datasetInfo/publisherId']);
});

it('searches what people look for, by its weight', () => {
  const dataset = searchTextsOf('DATASET', 1, sampleMetadata('DATASET'));
  expect(dataset.keywords).toBe('coral\ngreat barrier reef');
  expect(dataset.description).toBe('Corals, counted.');
  for (const text of ['Reef survey', 'netcdf', 'The Institute', 'item-person', 'cost centre', '42'])
    expect(dataset.rest.split('\n')).toContain(text);
  for (const text of ['coral', 'Corals, counted.', 'POLYGON']) expect(dataset.rest).not.toContain(text);
});

it('searches a person by the last name, and a study by its description', () => {
  expect(searchTextsOf('PERSON', 1, sampleMetadata('PERSON')).rest.split('\n')).toContain('Lovelace');
  expect(searchTextsOf('STUDY', 1, sampleMetadata('STUDY')).description).toBe('What if?');
});
