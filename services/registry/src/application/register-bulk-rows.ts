// The jobs of runs that were asked for together: each judges its record, registers the run and writes down its provenance, in
// one transaction. Those that run at the same time share one. What is registered already is answered, so a job may be tried
// any number of times.
import { userError, type UserError } from '@weft/errors';
import type { BulkOutcome, LockedBulkRow } from './bulk-ports.js';
import { judgeRuns, type JudgedRun, type Judgement } from './judge-model-run.js';
import { lodgeRuns } from './lodge-model-run.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';
import { newRun } from './register-model-run.js';
import { Overtaken } from './run-twin.js';
import type { RegistryJob } from './write-activity.js';

export interface AskedRow extends RegistryJob {
  readonly batchId: string;
  readonly row: number;
}

/** Who reads the job may not be one of those who read the run that said the same before: the row names that, by their rights. */
export type SettledRow =
  | { readonly state: 'REGISTERED'; readonly modelRunId: string; readonly pid: string }
  | { readonly state: 'DUPLICATE' };

/** What came of a row: a run, or all that is wrong. */
export type RowEnd = SettledRow | readonly UserError[];

const RECORD = ['record'];

/** All that is wrong, as a job's error and a cell of a spreadsheet say it. */
export const inWords = (errors: readonly UserError[]): string =>
  errors
    .map(({ message, path }) => `${path.slice(RECORD.length).join('.') || 'record'}: ${message}`)
    .join('\n');

/** Ends in the order of the rows, which are all different ones. */
export const registerBulkRows =
  (ports: ModelRunPorts) =>
  async (asked: readonly AskedRow[]): Promise<RowEnd[]> => {
    const ends = new Map<AskedRow, RowEnd>();
    for (const rows of Map.groupBy(asked, ({ batchId }) => batchId).values()) {
      for (const [row, end] of await together(ports, rows)) ends.set(row, end);
      // What stood in the way of another one of the group is judged again, now that it is there.
      for (const row of rows.filter((one) => !ends.has(one))) ends.set(row, await alone(ports, row));
    }
    return asked.map((row) => ends.get(row) as RowEnd);
  };

async function alone(ports: ModelRunPorts, row: AskedRow): Promise<RowEnd> {
  for (;;) {
    const end = (await together(ports, [row])).get(row);
    if (end !== undefined) return end;
  }
}

/** None, where another transaction was faster; the next look sees it. */
async function together(
  ports: ModelRunPorts,
  rows: readonly AskedRow[],
): Promise<ReadonlyMap<AskedRow, RowEnd>> {
  try {
    return await ports.transact((tx) => registered(ports, tx, rows));
  } catch (error) {
    if (error instanceof Overtaken) return new Map();
    throw error;
  }
}

interface OpenRow {
  readonly asked: AskedRow;
  readonly locked: LockedBulkRow;
}

async function registered(
  ports: ModelRunPorts,
  tx: ModelRunWork,
  asked: readonly AskedRow[],
): Promise<Map<AskedRow, RowEnd>> {
  const { ends, open } = await openRows(tx, asked);
  const [first] = open;
  if (first === undefined) return ends;
  const { principals, organizationId, createdBy: userId } = first.locked;
  const judgements = await judgeRuns(
    ports,
    tx,
    { principals },
    open.map(({ locked: { record } }) => ({ record, path: RECORD })),
  );
  const hashes = judgements.flatMap(({ hash }) => hash ?? []);
  const twins = await tx.runsSaying(organizationId, [...new Set(hashes)], principals);

  const outcomes: BulkOutcome[] = [];
  const fresh: (OpenRow & { readonly judged: JudgedRun })[] = [];
  const claimed = new Set<string>();
  open.forEach((row, at) => {
    const { judged, problems, hash } = judgements[at] as Judgement;
    const twin = hash === null ? undefined : twins.get(hash);
    if (twin !== undefined) {
      ends.set(row.asked, { state: 'DUPLICATE' });
      outcomes.push({ ...placeOf(row), state: 'DUPLICATE', runKey: twin.key });
    } else if (judged === null) {
      ends.set(row.asked, problems);
      outcomes.push({ ...placeOf(row), state: 'FAILED', errors: problems });
    } else if (claims(judged).every((one) => !claimed.has(one))) {
      for (const one of claims(judged)) claimed.add(one);
      fresh.push({ ...row, judged });
    }
  });

  const made = fresh.map(({ judged }) => newRun(ports, { judged, organizationId, userId, lodged: true }));
  const inserted = made.length === 0 ? [] : await tx.insertRuns(made);
  if (inserted.some(({ isFirst, taken }) => !isFirst || taken.length > 0)) throw new Overtaken();
  const runs = inserted.map(({ item }, at) => ({ item, ...(fresh[at] as (typeof fresh)[number]) }));
  if (runs.length > 0)
    await lodgeRuns(
      ports.idOf,
      tx,
      runs.map(({ item, judged: { told }, asked: { jobId } }) => ({ item, told, userId, jobId })),
      'adding',
    );
  for (const { item, ...row } of runs) {
    ends.set(row.asked, { modelRunId: item.id, pid: item.pid, state: 'REGISTERED' });
    const workflow = { id: ports.newId(), userId };
    outcomes.push({ ...placeOf(row), state: 'REGISTERED', runKey: item.key, workflow });
  }
  await tx.settleBulkRows(outcomes);
  await tx.tellCreated(runs.map(({ item, asked: { correlationId } }) => ({ item, correlationId })));
  return ends;
}

/** What no two runs can have. */
const claims = ({ hash, told }: JudgedRun): string[] => [
  hash,
  ...told.outputs.map(({ datasetId }) => datasetId),
];

const placeOf = ({ asked: { batchId, row, jobId } }: OpenRow) => ({ batchId, row, jobId });

/** Those that have no run yet, and what is known of the others. */
async function openRows(tx: ModelRunWork, asked: readonly AskedRow[]) {
  const locked = await tx.lockBulkRows(asked);
  const ends = new Map<AskedRow, RowEnd>();
  const open: OpenRow[] = [];
  for (const one of asked) {
    const row = locked.find(({ batchId, row: number }) => batchId === one.batchId && number === one.row);
    if (row === undefined)
      ends.set(one, [userError('NOT_FOUND', 'The registry knows no such row.', ...RECORD)]);
    else if (row.run === null) open.push({ asked: one, locked: row });
    else if (row.state === 'DUPLICATE') ends.set(one, { state: 'DUPLICATE' });
    else ends.set(one, { modelRunId: row.run.id, pid: row.run.pid, state: 'REGISTERED' });
  }
  return { ends, open };
}
