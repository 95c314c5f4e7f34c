// The job of one of many runs that were asked for together: it judges the record, registers the run and writes down its
// provenance in one transaction. What is registered already is answered, so it may be tried any number of times.
import { AppError, outcomeOf, type UserError } from '@weft/errors';
import type { LockedBulkRow } from './bulk-ports.js';
import { judgeRun } from './judge-model-run.js';
import { lodgeRun } from './lodge-model-run.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';
import { insertRun, refuseAll } from './register-model-run.js';
import type { RegistryJob } from './write-activity.js';

export interface SettledRow {
  readonly modelRunId: string | null;
  readonly pid: string | null;
  readonly state: 'REGISTERED' | 'DUPLICATE';
}

const RECORD = ['record'];

/** Another transaction registered the same run meanwhile. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

export const registerBulkRow =
  (ports: ModelRunPorts) =>
  async (job: RegistryJob, batchId: string, row: number): Promise<SettledRow> => {
    const outcome = await outcomeOf(() => registered(ports, job, batchId, row));
    if (outcome.ok) return outcome.value;
    const { errors } = outcome;
    await ports.transact(async (tx) => {
      // What was registered beside this try stays so.
      if ((await rowOf(tx, batchId, row)).run !== null) return;
      await tx.settleBulkRow(batchId, row, { state: 'FAILED', jobId: job.jobId, runKey: null, errors });
    });
    throw new AppError(errors[0]?.code ?? 'MODEL_RUN_INVALID', inWords(errors));
  };

/** All that is wrong, as a job's error and a cell of a spreadsheet say it. */
export const inWords = (errors: readonly UserError[]): string =>
  errors
    .map(({ message, path }) => `${path.slice(RECORD.length).join('.') || 'record'}: ${message}`)
    .join('\n');

async function registered(
  ports: ModelRunPorts,
  job: RegistryJob,
  batchId: string,
  row: number,
): Promise<SettledRow> {
  for (;;)
    try {
      return await ports.transact((tx) => registerOnce(ports, tx, job, batchId, row));
    } catch (error) {
      // The next look sees it.
      if (!(error instanceof Overtaken)) throw error;
    }
}

async function registerOnce(
  ports: ModelRunPorts,
  tx: ModelRunWork,
  { jobId, correlationId }: RegistryJob,
  batchId: string,
  row: number,
): Promise<SettledRow> {
  const { state, run, organizationId, createdBy: userId, principals, record } = await rowOf(tx, batchId, row);
  if (run !== null)
    return { modelRunId: run.id, pid: run.pid, state: state === 'DUPLICATE' ? state : 'REGISTERED' };
  const { judged, problems, hash } = await judgeRun(ports, tx, {
    ...{ principals, record, path: RECORD, run: null },
  });
  const twin = hash === null ? undefined : (await tx.runsSaying(organizationId, [hash])).get(hash);
  if (twin !== undefined) {
    await tx.settleBulkRow(batchId, row, { state: 'DUPLICATE', jobId, runKey: twin, errors: null });
    const settled = await rowOf(tx, batchId, row);
    return { modelRunId: settled.run?.id ?? null, pid: settled.run?.pid ?? null, state: 'DUPLICATE' };
  }
  if (judged === null) return refuseAll(problems);
  const item = await insertRun(ports, tx, { judged, organizationId, userId, path: RECORD });
  if (item === 'duplicate') throw new Overtaken();
  await tx.insertLodgedWorkflow(item, { id: ports.newId(), jobId }, userId);
  await lodgeRun(ports.idOf, tx, item, { userId, jobId });
  await tx.settleBulkRow(batchId, row, { state: 'REGISTERED', jobId, runKey: item.key, errors: null });
  await tx.tell(item, 'CREATED', correlationId);
  return { modelRunId: item.id, pid: item.pid, state: 'REGISTERED' };
}

async function rowOf(tx: ModelRunWork, batchId: string, row: number): Promise<LockedBulkRow> {
  const found = await tx.lockBulkRow(batchId, row);
  if (found === undefined)
    throw new AppError('NOT_FOUND', 'The registry knows no such record.', { batchId, row });
  return found;
}
