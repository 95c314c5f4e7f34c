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
export async function lodgeRun(
  idOf: ModelRunPorts['idOf'],
  tx: ModelRunWork,
  item: RegisteredItem,
  { userId, jobId }: { readonly userId: string; readonly jobId: string },
): Promise<LodgedRun> {
  const state = await tx.runState(item);
  if (state === undefined) throw new AppError('NOT_FOUND', 'The item is no model run.', { itemId: item.id });
  const { told, removed, lodged } = state;
  const planned = await plannedChanges(idOf, tx, item.id, removed ? null : told, lodged === null);
  const { recordId, changes, newNodes } = planned;
  if (changes.length > 0) {
    await tx.keepRecord({
      ...{ id: recordId, organizationId: item.organizationId, itemId: item.id, jobId, lodgedBy: userId },
      name: `Model run ${item.pid}`,
      readers: readersOf(item),
    });
    await tx.applyChanges(changes, newNodes);
  }
  await tx.setLodged(item, removed ? null : item.revision);
  return { recordId, statements: planned.wanted.edges.length };
}

export interface PlannedChanges {
  readonly recordId: string;
  readonly wanted: Assertions;
  readonly changes: readonly AssertionChange[];
  /** Records of datasets that are to be mentioned. */
  readonly newNodes: readonly NodeStatement[];
}

/** What has to change for the run to assert this, and nothing else. */
export async function plannedChanges(
  idOf: ModelRunPorts['idOf'],
  tx: ModelRunWork,
  runId: string,
  told: ToldRun | null,
  isFirst: boolean,
): Promise<PlannedChanges> {
  const recordId = idOf(`record/model-run/${runId}`);
  const wanted = told === null ? NOTHING_ASSERTED : statementsOfRun(runId, told);
  await tx.lockStatements(isFirst ? 'adding' : 'changing');
  const generated = (told?.outputs ?? []).map(({ datasetId }) => datasetId);
  const outputs = await tx.lockOutputs(recordId, generated);
  const held = await tx.recorded(recordId, generated);

  const shall = new Map<string, Assertions>([...held, [recordId, wanted]]);
  const newNodes: NodeStatement[] = [];
  for (const output of outputs) {
    const registration = idOf(registrationIdentity(output.id));
    const isGenerated = generates(wanted, output.id);
    for (const [record, said] of held) {
      if (record === recordId) continue;
      if (isGenerated && generates(said, output.id)) {
        shall.set(record, asserting(saidOfRecord(said.edges, output.id, registration)));
        newNodes.push(registrationOf(output));
      } else if (!isGenerated && generates(said, registration))
        shall.set(record, asserting(saidOfDataset(said.edges, output.id, registration)));
    }
  }
  return { recordId, wanted, changes: changesBetween(held as RecordedGraph, shall), newNodes };
}
