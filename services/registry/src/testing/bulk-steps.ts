// Tables of runs that are registered together, said briefly. For tests.
import { registryBatchRequested, type RegistryJob } from '@weft/contracts';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { createRegistryParts, type RegistryParts } from '../context.js';
import { readCsv } from '../domain/csv.js';
import { ACME } from './finished-jobs.js';
import { ADA, type Refused } from './item-steps.js';
import { withoutFiles } from './without-files.js';
import type { Laboratory } from './model-run-steps.js';

const BATCH = `id name counts { state count } rows(first: 100) { edges { node {
  row state label isHidden job { id } modelRun { id pid } errors { code message path }
} } }`;

export interface ShownRow {
  readonly row: number;
  readonly state: string;
  readonly label: string;
  readonly isHidden: boolean;
  readonly job: { readonly id: string } | null;
  readonly modelRun: { readonly id: string; readonly pid: string } | null;
  readonly errors: readonly Refused[];
}

export interface ShownBatch {
  readonly id: string;
  readonly name: string;
  readonly counts: readonly { readonly state: string; readonly count: number }[];
  readonly rows: { readonly edges: readonly { readonly node: ShownRow }[] };
}

export interface Asked {
  readonly modelRunBatch: ShownBatch | null;
  readonly warnings: readonly string[] | null;
  readonly repeated: boolean | null;
  readonly userErrors: readonly Refused[];
}

export interface BulkSteps {
  /** Of an empty table for the laboratory's template. */
  readonly header: readonly string[];
  readonly cell: (name: string) => number;
  readonly aRow: (name: string, changes?: Record<string, string>) => Promise<string[]>;
  readonly ask: (input: object, actor?: Actor) => Promise<Asked>;
  readonly batch: (id: string, actor?: Actor) => Promise<ShownBatch | null>;
  readonly rows: (id: string, actor?: Actor) => Promise<ShownRow[]>;
  readonly states: (id: string) => Promise<string[]>;
  readonly csvOf: (batchId: string, actor?: Actor) => Promise<string | null>;
  /** The jobs that were asked for since the outbox was emptied. */
  readonly jobs: () => Promise<RegistryJob[]>;
  readonly run: (job: RegistryJob, parts?: RegistryParts) => Promise<unknown>;
  /** In one process, where those that run at the same time share a transaction; `run` is one of its own each time. */
  readonly runAll: (parts?: RegistryParts) => Promise<string[]>;
}

export async function bulkSteps(database: Database, lab: Laboratory): Promise<BulkSteps> {
  const { modelRunTemplateCsv } = await lab.ask.data<{ modelRunTemplateCsv: { csv: string } }>(
    'query ($id: ID!) { modelRunTemplateCsv(workflowTemplateId: $id) { csv } }',
    { id: lab.template.pid },
    ADA,
  );
  const header = readCsv(modelRunTemplateCsv.csv)[0] ?? [];
  const cell = (name: string): number => header.findIndex((text) => text.startsWith(name));
  const steps: BulkSteps = {
    header,
    cell,
    async aRow(name, changes = {}) {
      const [input, output] = [await lab.aDataset(), await lab.aDataset()];
      const cells: Record<string, string> = {
        ...{ display_name: name, description: 'Row,\nby "row"', modeller_id: lab.person.pid },
        ...{ start_time: '2026-01-01 10:00', end_time: '2026-01-01T12:00:00+01:00' },
        ...{ 'input: wind': input.pid, 'output: reefs': output.id, 'annotation: scenario': '=warm' },
      };
      const row = header.map(() => '');
      row[header.findIndex((text) => text.endsWith('/ file'))] = 'wind.nc';
      for (const [column, text] of Object.entries({ ...cells, ...changes })) row[cell(column)] = text;
      return row;
    },
    async ask(input, actor = ADA) {
      const answer = await lab.ask.data<{ registerModelRuns: Asked }>(
        `mutation ($input: RegisterModelRunsInput!) {
          registerModelRuns(input: $input) { modelRunBatch { ${BATCH} } warnings repeated userErrors { code message path } }
        }`,
        { input: { workflowTemplateId: lab.template.id, ...input } },
        actor,
      );
      return answer.registerModelRuns;
    },
    async batch(id, actor = ADA) {
      const answer = await lab.ask.data<{ modelRunBatch: ShownBatch | null }>(
        `query ($id: ID!) { modelRunBatch(id: $id) { ${BATCH} } }`,
        { id },
        actor,
      );
      return answer.modelRunBatch;
    },
    rows: async (id, actor) => ((await steps.batch(id, actor))?.rows.edges ?? []).map(({ node }) => node),
    states: async (id) => (await steps.rows(id)).map(({ state }) => state),
    async csvOf(batchId, actor = ADA) {
      const answer = await lab.ask.data<{ modelRunBatchCsv: string | null }>(
        'query ($batchId: ID!) { modelRunBatchCsv(batchId: $batchId) }',
        { batchId },
        actor,
      );
      return answer.modelRunBatchCsv;
    },
    async jobs() {
      const rows = await database.query<{ body: string }>('select body::text from outbox order by id');
      return rows.flatMap(({ body }) => {
        const told = JSON.parse(body) as { type: string; payload: { jobs: RegistryJob[] } };
        return told.type === registryBatchRequested.type ? told.payload.jobs : [];
      });
    },
    run: (job, parts = createRegistryParts(database)) =>
      parts.operations[job.operation]?.(job.params, {
        ...{ jobId: job.jobId, attempt: 1, organizationId: ACME, userId: ADA.id, correlationId: 'test' },
        signal: new AbortController().signal,
        progress: () => undefined,
        ...withoutFiles,
      }) ?? Promise.reject(new Error(job.operation)),
    async runAll(parts = createRegistryParts(database)) {
      const ends = await Promise.allSettled((await steps.jobs()).map((job) => steps.run(job, parts)));
      return ends.map((end) => (end.status === 'fulfilled' ? 'done' : String(end.reason)));
    },
  };
  return steps;
}
