// What runs of a model need, registered through the gateway.
import type { Asker } from '../platform/client.js';

export interface Laboratory {
  readonly templateId: string;
  /** A row for each run: name, times, the person, the dataset that it used and the one that it made. */
  readonly csv: string;
}

const CREATE = `mutation ($input: CreateItemInput!) {
  createItem(input: $input) { item { id pid } userErrors { code message path } }
}`;
const AT_ONCE = 16;

export async function laboratory(client: Asker, runs: number): Promise<Laboratory> {
  const make = async (subtype: string, metadata: object): Promise<{ id: string; pid: string }> => {
    const { createItem } = await client.query<{ createItem: { item: { id: string; pid: string } | null } }>(
      CREATE,
      { input: { subtype, metadata } },
    );
    if (createItem.item === null) throw new Error(JSON.stringify(createItem));
    return createItem.item;
  };
  const person = await make('PERSON', {
    ...{ firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org', ethicsApproved: true },
  });
  const organisation = await make('ORGANISATION', { name: 'Reef Institute' });
  const model = await make('MODEL', {
    ...{ name: 'Reef growth', description: 'Grows reefs.' },
    ...{ documentationUrl: 'https://example.org/docs', sourceUrl: 'https://example.org/source' },
  });
  const [wind, reefs] = await Promise.all(
    ['wind', 'reefs'].map((name) =>
      make('DATASET_TEMPLATE', { name, definedResources: [], deferredResources: [] }),
    ),
  );
  const template = await make('MODEL_RUN_WORKFLOW_TEMPLATE', {
    name: 'Yearly run',
    modelId: model.id,
    inputTemplates: [{ templateId: wind?.id }],
    outputTemplates: [{ templateId: reefs?.id }],
    annotations: { required: ['scenario'], optional: [] },
  });
  const datasets: string[] = [];
  const aDataset = async (n: number): Promise<void> => {
    datasets[n] = (await make('DATASET', datasetMetadata(`dataset ${n}`, organisation.id))).pid;
  };
  await aDataset(0);
  let next = 1;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next <= runs) await aDataset(next++);
    }),
  );
  const { modelRunTemplateCsv } = await client.query<{ modelRunTemplateCsv: { csv: string } }>(
    'query ($id: ID!) { modelRunTemplateCsv(workflowTemplateId: $id) { csv } }',
    { id: template.id },
  );
  const header = modelRunTemplateCsv.csv.trim();
  const rows = datasets.slice(1).map((output, n) => {
    const cells: Readonly<Record<string, string | undefined>> = {
      ...{ display_name: `run ${n}`, description: 'As every year.', modeller_id: person.pid },
      ...{ start_time: '2026-01-01T10:00:00Z', end_time: '2026-01-01T11:00:00Z' },
      ...{ 'input: wind': datasets[0], 'output: reefs': output, 'annotation: scenario': 'warm' },
    };
    return header
      .split(',')
      .map((name) => cells[name.replace(/ \[.*$/, '')] ?? '')
      .join(',');
  });
  return { templateId: template.id, csv: [header, ...rows].join('\r\n') };
}

const irrelevant = { relevant: false, obtained: false };

const datasetMetadata = (name: string, organisationId: string): object => ({
  associations: { organisationId },
  approvals: {
    ...{ ethicsRegistration: irrelevant, ethicsAccess: irrelevant },
    ...{ indigenousKnowledge: irrelevant, exportControls: irrelevant },
  },
  datasetInfo: {
    ...{ name, description: 'Corals, counted.', publisherId: organisationId },
    accessInfo: { reposited: true },
    ...{ createdDate: '2026-01-31', publishedDate: '2026-02-01' },
    license: 'https://creativecommons.org/licenses/by/4.0/',
  },
});
