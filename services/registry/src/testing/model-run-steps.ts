// A laboratory in which models are run, said briefly. For tests.
import { lineageDocument, violationsOf, type LineageEdge } from '@weft/prov';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { createRegistryParts } from '../context.js';
import { stepsOf, type ActivityWorkflowKind, type StepKey } from '../domain/activity-workflow.js';
import { SHEETS_HERE } from './ask.js';
import { ADA, itemSteps, type ItemSteps, type Refused, type ShownItem } from './item-steps.js';
import { sampleMetadata } from './sample-metadata.js';
import { withoutFiles } from './without-files.js';

export interface Laboratory extends ItemSteps {
  readonly person: ShownItem;
  readonly organisation: ShownItem;
  readonly study: ShownItem;
  readonly model: ShownItem;
  readonly wind: ShownItem;
  readonly config: ShownItem;
  readonly reefs: ShownItem;
  /** Inputs: wind (with the deferred resource `file`) and perhaps config; output: reefs; annotations: scenario, perhaps seed. */
  readonly template: ShownItem;
  item(id: string, show?: string, actor?: Actor): Promise<ShownItem | null>;
  aDataset(name?: string, actor?: Actor): Promise<ShownItem>;
  /** A record that passes, with datasets of its own. */
  aRecord(changes?: Record<string, unknown>): Promise<Record<string, unknown>>;
  register(record: Record<string, unknown>, more?: object, actor?: Actor): Promise<RegisteredAnswer>;
  /** Runs the jobs that wait, in their order, each twice. */
  runJobs(): Promise<void>;
  /** `from relation/role to` by name, of all records but those of other things. */
  statements(...names: string[]): Promise<string[]>;
  /** What PROV-CONSTRAINTS has against all that is held. */
  violations(): Promise<string[]>;
}

export interface RegisteredAnswer {
  readonly item: ShownItem | null;
  readonly job: { readonly id: string } | null;
  readonly repeated: boolean | null;
  readonly userErrors: readonly Refused[];
}

const RUN = 'id pid name revision metadata modelRun { recordStatus lodgedRevision job { id } }';

export const REGISTER = `mutation ($input: RegisterModelRunInput!) {
  registerModelRun(input: $input) { item { ${RUN} } job { id } repeated userErrors { code message path } }
}`;

export async function aLaboratory(database: Database): Promise<Laboratory> {
  const steps = await itemSteps(database);
  const { operations } = createRegistryParts(database, { sheets: SHEETS_HERE });
  const make = (subtype: string, metadata: object, actor?: Actor) =>
    steps.done('createItem', { subtype, metadata }, actor);
  const person = await make('PERSON', sampleMetadata('PERSON'));
  const organisation = await make('ORGANISATION', { name: 'Reef Institute' });
  const study = await make('STUDY', { title: 'Warming', description: 'What if?' });
  const model = await steps.aModel();
  const aTemplate = (name: string, deferredResources: object[] = []) =>
    make('DATASET_TEMPLATE', { name, definedResources: [], deferredResources });
  const resource = { description: 'The file.', usageType: 'GENERAL_DATA' };
  const wind = await aTemplate('wind', [
    { key: 'file', ...resource },
    { key: 'notes', optional: true, ...resource },
  ]);
  const config = await aTemplate('config');
  const reefs = await aTemplate('reefs');
  const template = await make('MODEL_RUN_WORKFLOW_TEMPLATE', {
    name: 'Yearly run',
    modelId: model.pid,
    inputTemplates: [{ templateId: wind.id }, { templateId: config.pid, optional: true }],
    outputTemplates: [{ templateId: reefs.id }],
    annotations: { required: ['scenario'], optional: ['seed'] },
  });
  let made = 0;
  const laboratory: Laboratory = {
    ...steps,
    ...{ person, organisation, study, model, wind, config, reefs, template },
    aDataset: (name, actor) => {
      made += 1;
      const metadata = sampleMetadata('DATASET');
      metadata['associations'] = { organisationId: organisation.id };
      const info = metadata['datasetInfo'] as Record<string, unknown>;
      return make(
        'DATASET',
        {
          ...metadata,
          datasetInfo: { ...info, name: name ?? `dataset ${made}`, publisherId: organisation.id },
        },
        actor,
      );
    },
    async aRecord(changes = {}) {
      made += 1;
      const record = {
        workflowTemplateId: template.pid,
        displayName: `run ${made}`,
        description: 'As every year.',
        inputs: [
          {
            datasetTemplateId: wind.pid,
            datasetId: (await laboratory.aDataset()).id,
            resources: { file: 'wind.nc' },
          },
        ],
        outputs: [{ datasetTemplateId: reefs.id, datasetId: (await laboratory.aDataset()).pid }],
        annotations: { scenario: 'warm' },
        associations: { modellerId: person.id, requestingOrganisationId: organisation.pid },
        studyId: study.id,
        startTime: '2026-03-31T12:00:00Z',
        endTime: '2026-03-31T16:00:00+02:00',
        ...changes,
      };
      // Without what is to be left out.
      return JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
    },
    async register(record, more = {}, actor = ADA) {
      const answer = await steps.ask.data<{ registerModelRun: RegisteredAnswer }>(
        REGISTER,
        { input: { record, ...more } },
        actor,
      );
      return answer.registerModelRun;
    },
    async runJobs() {
      for (;;) {
        const waiting = await database.query<{
          id: string;
          kind: ActivityWorkflowKind;
          key: StepKey;
          job: string;
          organization: string;
        }>(
          `select w.id, w.kind, s.key, s.job_id as job, n.organization_id as organization
           from activity_workflow_step s join activity_workflow w on w.id = s.workflow_id join node n on n.id = w.node
           where s.state = 'PENDING' order by w.requested_at, w.id, s.key desc`,
        );
        if (waiting.length === 0) return;
        for (const { id: workflowId, kind, key, job: jobId, organization } of waiting) {
          const operation = operations[stepsOf(kind).find((step) => step.key === key)?.operation ?? ''];
          for (const attempt of [1, 2])
            await operation?.(
              { workflowId },
              {
                ...{ jobId, attempt, organizationId: organization, userId: ADA.id, correlationId: 'test' },
                signal: new AbortController().signal,
                progress: () => undefined,
                ...withoutFiles,
              },
            );
        }
      }
    },
    async statements(...names) {
      const rows = await database.query<{ said: string }>(
        `select src.name || ' ' || e.relation || '/' || e.role || ' ' || dst.name as said
         from edge e join node src on src.id = e.src join node dst on dst.id = e.dst
         where exists (select from record_edge r
           where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role))
           and (src.name = any ($1) or dst.name = any ($1)) order by 1`,
        [names],
      );
      return rows.map(({ said }) => said);
    },
    violations: () => violationsHeld(database),
  };
  return laboratory;
}

/** The first dataset on a side of a run. */
export const datasetOf = (item: ShownItem | null, side: 'inputs' | 'outputs'): string =>
  ((item?.metadata ?? {})[side] as { datasetId: string }[])[0]?.datasetId ?? '';

const iri = (id: string): string => `https://example.org/${id}`;

async function violationsHeld(database: Database): Promise<string[]> {
  const nodes = await database.query<{
    id: string;
    kind: 'ENTITY' | 'ACTIVITY' | 'AGENT';
    name: string;
    facts: { startedAt?: string; endedAt?: string };
  }>('select public_id as id, kind, name, facts from node');
  const edges = await database.query<
    Omit<LineageEdge, 'records'> & { records: string[]; details: Record<string, string>[] }
  >(
    `select src.public_id as from, e.relation, dst.public_id as to, e.role,
       array(select rec.public_id from record_edge r join record rec on rec.id = r.record
         where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role)) as records,
       array(select coalesce(r.detail, '{}') from record_edge r
         where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role)) as details
     from edge e join node src on src.id = e.src join node dst on dst.id = e.dst`,
  );
  const named = (one: string | undefined) => (one === undefined ? undefined : iri(one));
  const document = lineageDocument(
    {
      nodes: nodes.map(({ id, kind, name, facts }) => ({ iri: iri(id), kind, name, ...facts })),
      edges: edges.flatMap(({ from, to, relation, role, details }) =>
        (details.length === 0 ? [{} as Record<string, string>] : details).map((detail) => ({
          ...{ relation, from: iri(from), to: iri(to), role: role === '' ? undefined : role },
          ...{ time: detail['time'], plan: named(detail['plan']), activity: named(detail['activity']) },
        })),
      ),
      records: [],
    },
    { prefixes: new Map(), fallback: undefined },
    false,
  );
  return violationsOf(document).map(({ constraint, message }) => `${constraint} ${message}`);
}
