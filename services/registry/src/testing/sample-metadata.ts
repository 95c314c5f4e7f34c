// Metadata of each type that passes, with every field in it. For tests.
import type { RegisteredSubtype } from '../domain/node.js';

const userMetadata = { project: 'reef', 'cost centre': '42' };
const approved = { relevant: true, obtained: true };
const irrelevant = { relevant: false, obtained: false };
const slot = (templateId: string, optional?: boolean) =>
  optional === undefined ? { templateId } : { templateId, optional };

const SAMPLES = {
  PERSON: {
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@example.org',
    orcid: 'https://orcid.org/0000-0002-1825-0097',
    ethicsApproved: true,
    userMetadata,
  },
  ORGANISATION: { name: 'California Digital Library', ror: 'https://ror.org/03yrm5c26', userMetadata },
  MODEL: {
    name: 'Reef growth model',
    description: 'Grows reefs.\nYear by year.',
    documentationUrl: 'https://example.org/docs',
    sourceUrl: 'http://example.org/source?at=v1#readme',
    userMetadata,
  },
  MODEL_RUN_WORKFLOW_TEMPLATE: {
    name: 'Yearly run',
    modelId: 'item-model',
    inputTemplates: [slot('item-wind'), slot('item-config', true)],
    outputTemplates: [slot('item-wind', false)],
    annotations: { required: ['scenario'], optional: ['seed'] },
    userMetadata,
  },
  DATASET: {
    associations: {
      organisationId: 'item-organisation',
      dataCustodianId: 'item-person',
      pointOfContact: 'data@example.org',
    },
    approvals: {
      ethicsRegistration: approved,
      ethicsAccess: irrelevant,
      indigenousKnowledge: { relevant: true, obtained: false },
      exportControls: irrelevant,
    },
    datasetInfo: {
      name: 'Reef survey',
      description: 'Corals, counted.',
      accessInfo: { reposited: false, uri: 's3://bucket/key', description: 'Ask us.' },
      publisherId: 'item-publisher',
      createdDate: '2026-01-31',
      publishedDate: '2026-02-01',
      license: 'https://creativecommons.org/licenses/by/4.0/',
      purpose: 'To know.',
      rightsHolder: 'The Institute',
      usageLimitations: 'None.',
      preferredCitation: 'Institute (2026). Reef survey.',
      spatialInfo: {
        coverage: 'SRID=4326;POLYGON((0 0, 1 0, 1 1, 0 0))',
        resolution: 0.25,
        extent: 'SRID=4326;POLYGON((0 0, 1 1, 0 0))',
      },
      temporalInfo: { duration: { beginDate: '2025-01-01', endDate: '2025-12-31' }, resolution: 'P1DT6H' },
      formats: ['csv', 'netcdf'],
      keywords: ['coral', 'great barrier reef'],
    },
    userMetadata,
  },
  DATASET_TEMPLATE: {
    name: 'Survey',
    description: 'Counts of corals.',
    definedResources: [
      {
        path: 'forcing/wind.nc',
        description: 'Wind.',
        usageType: 'FORCING_DATA',
        optional: true,
        isFolder: false,
        additionalMetadata: { unit: 'm/s' },
      },
    ],
    deferredResources: [{ key: 'counts', description: 'Counts.', usageType: 'GENERAL_DATA' }],
    userMetadata,
  },
  MODEL_RUN: {
    workflowTemplateId: 'item-template',
    modelVersion: 'v2.1.0',
    displayName: 'Run 7',
    description: 'The seventh.',
    studyId: 'item-study',
    inputs: [
      {
        datasetTemplateId: 'item-wind',
        datasetId: 'item-dataset',
        datasetType: 'DATA_STORE',
        resources: { counts: 'a/b.csv' },
      },
    ],
    outputs: [{ datasetTemplateId: 'item-result', datasetId: 'item-made' }],
    annotations: { scenario: 'warm' },
    associations: { modellerId: 'item-person', requestingOrganisationId: 'item-organisation' },
    startTime: '2026-03-31T12:00:00Z',
    endTime: '2026-03-31T14:00:00.5+02:00',
    userMetadata,
  },
  STUDY: { title: 'Warming', description: 'What if?', studyAlternativeId: 'P-42', userMetadata },
  CREATE: { createdItemId: 'item-dataset', userMetadata },
  VERSION: {
    reason: 'New survey.',
    fromItemId: 'item-old',
    toItemId: 'item-new',
    newVersionNumber: 2,
    userMetadata,
  },
} as const satisfies Record<RegisteredSubtype, object>;

/** A copy that may be changed. */
export const sampleMetadata = (subtype: RegisteredSubtype): Record<string, unknown> =>
  JSON.parse(JSON.stringify(SAMPLES[subtype])) as Record<string, unknown>;

/** The sample with a value put at a path; undefined takes away what is there. */
export function sampleWith(
  subtype: RegisteredSubtype,
  path: string,
  value: unknown,
): Record<string, unknown> {
  const metadata = sampleMetadata(subtype);
  const steps = path.split('.');
  const last = steps.pop() as string;
  let here: Record<string, unknown> = metadata;
  for (const step of steps) here = here[step] as Record<string, unknown>;
  if (value === undefined) delete here[last];
  else here[last] = value;
  return metadata;
}

/** The least that a dataset has, registered on behalf of this organisation. */
export const aDatasetOf = (organisationId: string): Record<string, unknown> => ({
  associations: { organisationId },
  approvals: {
    ethicsRegistration: irrelevant,
    ethicsAccess: irrelevant,
    indigenousKnowledge: irrelevant,
    exportControls: irrelevant,
  },
  datasetInfo: {
    name: 'Reef survey',
    description: 'Corals, counted.',
    accessInfo: { reposited: true },
    publisherId: organisationId,
    createdDate: '2026-01-31',
    publishedDate: '2026-02-01',
    license: 'https://creativecommons.org/licenses/by/4.0/',
  },
});
