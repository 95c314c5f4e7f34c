// The job that brings the graph in line with what a run says: after its registration, an edit, or its deletion. It compares
// what is with what is to be, so that it may run any number of times, and two of them in any order.
import { AppError } from '@weft/errors';
import { readersOf } from '../domain/access.js';
import type { RegisteredItem } from '../domain/item.js';
import { statementsOfRun, type ToldRun } from '../domain/model-run.js';
import {
  asserting,
  generates,
  registrationIdentity,
  registrationOf,
  saidOfDataset,
  saidOfRecord,
} from '../domain/registration-record.js';
import {
  changesBetween,
  NOTHING_ASSERTED,
  type AssertionChange,
  type Assertions,
  type RecordedGraph,
} from '../domain/statement-diff.js';
import type { NodeStatement } from '../domain/statement.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';
import { beginStep, tellWorkflowChanged, type RegistryJob } from './write-activity.js';

export interface LodgedRun {
  readonly recordId: string;
  readonly statements: number;
}

export const lodgeModelRun =
  ({ transact, idOf }: ModelRunPorts) =>
  (job: RegistryJob, workflowId: string): Promise<LodgedRun> =>
    transact(async (tx) => {
      const { item, userId } = await beginStep(tx, workflowId, 'lodge', job);
      const lodged = await lodgeRun(idOf, tx, item, { userId, jobId: job.jobId });
      await tellWorkflowChanged(tx, item, job);
      return lodged;
    });

/** @param item the run, locked. */
async function lodgeRun(
  idOf: ModelRunPorts['idOf'],
  tx: ModelRunWork,
  item: RegisteredItem,
  by: { readonly userId: string; readonly jobId: string },
): Promise<LodgedRun> {
  const state = await tx.runState(item);
  if (state === undefined) throw new AppError('NOT_FOUND', 'The item is no model run.', { itemId: item.id });
  const { removed, lodged } = state;
  const told = removed ? null : state.told;
  const [done] = await lodgeRuns(idOf, tx, [{ ...by, item, told }], lodged === null ? 'adding' : 'changing');
  await tx.setLodged(item, removed ? null : item.revision);
  return done as LodgedRun;
}

export interface RunToLodge {
  readonly item: RegisteredItem;
  /** Null: it shall say nothing. */
  readonly told: ToldRun | null;
  readonly userId: string;
  readonly jobId: string;
}

/** Brings the statements of runs in line with what these say. */
export async function lodgeRuns(
  idOf: ModelRunPorts['idOf'],
  tx: ModelRunWork,
  runs: readonly RunToLodge[],
  how: 'adding' | 'changing',
): Promise<LodgedRun[]> {
  const asked = runs.map(({ item, told }) => ({ runId: item.id, told }));
  const { changes, newNodes, wanted } = await plannedChanges(idOf, tx, asked, how);
  const changing = new Set(changes.map(({ record }) => record));
  const heads = runs.flatMap(({ item, jobId, userId }) => {
    const id = recordOf(idOf, item.id);
    if (!changing.has(id)) return [];
    const { organizationId, pid } = item;
    return [
      {
        ...{ id, organizationId, itemId: item.id, jobId, lodgedBy: userId },
        ...{ name: `Model run ${pid}`, readers: readersOf(item) },
      },
    ];
  });
  if (heads.length > 0) await tx.keepRecords(heads);
  if (changes.length > 0) await tx.applyChanges(changes, newNodes);
  return runs.map(({ item }) => {
    const recordId = recordOf(idOf, item.id);
    return { recordId, statements: wanted.get(recordId)?.edges.length ?? 0 };
  });
}

const recordOf = (idOf: ModelRunPorts['idOf'], runId: string): string => idOf(`record/model-run/${runId}`);

export interface PlannedChanges {
  /** What the record of each run shall assert. */
  readonly wanted: RecordedGraph;
  readonly changes: readonly AssertionChange[];
  /** Records of datasets that are to be mentioned. */
  readonly newNodes: readonly NodeStatement[];
}

/** What has to change for the runs to assert this, and nothing else. */
export async function plannedChanges(
  idOf: ModelRunPorts['idOf'],
  tx: ModelRunWork,
  runs: readonly { readonly runId: string; readonly told: ToldRun | null }[],
  how: 'adding' | 'changing',
): Promise<PlannedChanges> {
  const wanted = new Map(
    runs.map(({ runId, told }) => [
      recordOf(idOf, runId),
      told === null ? NOTHING_ASSERTED : statementsOfRun(runId, told),
    ]),
  );
  await tx.lockStatements(how);
  const generated = runs.flatMap(({ told }) => (told?.outputs ?? []).map(({ datasetId }) => datasetId));
  const outputs = await tx.lockOutputs([...wanted.keys()], generated);
  const held = await tx.recorded([...wanted.keys()], generated);

  const registrations = [...held].filter(([record]) => !wanted.has(record));
  const isGenerated = new Set(generated);
  const shall = new Map<string, Assertions>([...registrations, ...wanted]);
  const newNodes: NodeStatement[] = [];
  for (const output of outputs) {
    const registration = idOf(registrationIdentity(output.id));
    const [from, say] = isGenerated.has(output.id)
      ? ([output.id, saidOfRecord] as const)
      : ([registration, saidOfDataset] as const);
    for (const [record, said] of registrations)
      if (generates(said, from)) {
        shall.set(record, asserting(say(said.edges, output.id, registration)));
        if (isGenerated.has(output.id)) newNodes.push(registrationOf(output));
      }
  }
  return { wanted, changes: changesBetween(held, shall), newNodes };
}
