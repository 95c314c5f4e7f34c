// Batches on the engine of the tests: submitted, claimed, and looked at beside what their jobs say themselves.
import type { ClaimedAttempt } from '@weft/contracts';
import type { Outcome } from '@weft/errors';
import { expect } from 'vitest';
import { keepBatches } from '../application/keep-batches.js';
import { submitBatch } from '../application/submit-batch.js';
import type { Batch } from '../domain/batch.js';
import type { BatchJob } from '../domain/batch-submission.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import type { Submission } from '../domain/submission.js';
import { inTime } from '../in-time.js';
import { createBatchReader } from '../persistence/batch-reader.js';
import { aTarget, startEngine, type Engine } from './engine.js';

/** With a target that runs a thousand at once. */
export async function startWideEngine(): Promise<Engine> {
  const engine = await startEngine();
  const { limits } = aTarget();
  await engine.ports.transact((tx) =>
    tx.references.keepTarget(aTarget({ seq: 2, limits: { ...limits, concurrentAttempts: 1_000 } })),
  );
  return engine;
}

export const plain: BatchJob = { name: null, data: null, params: null };
export const jobs = (count: number): BatchJob[] => Array.from({ length: count }, () => plain);
export const schemas = createSchemaChecker(inTime);

export const submit = (
  { ports, user, submission }: Engine,
  list: readonly BatchJob[],
  shared: Partial<Submission> = {},
): ReturnType<typeof submitBatch> =>
  submitBatch(ports, schemas, user.id, 'correlation-b', {
    shared: submission({ name: 'sweep', ...shared }),
    jobs: list,
  });

export const valueOf = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(outcome.errors.map(({ code, message }) => `${code} ${message}`).join());
  return outcome.value;
};
export const refusals = (outcome: Outcome<unknown>): string[] =>
  outcome.ok ? [] : outcome.errors.map(({ code, path }) => `${code} ${path.join('.')}`);

export const accepted = async (
  engine: Engine,
  count: number,
  shared?: Partial<Submission>,
): Promise<string> => valueOf(await submit(engine, jobs(count), shared)).batchId;

export async function batch(engine: Engine, id: string, actor = engine.user): Promise<Batch> {
  const [found] = await createBatchReader(engine.database).byIds(actor, [id]);
  if (found === undefined) throw new Error('no batch');
  return found;
}

/** What the jobs themselves say: the latest of each place. */
async function counted({ database }: Engine, id: string): Promise<Record<string, number>> {
  const rows = await database.query<{ state: string; n: number }>(
    `select state, count(*) as n from
      (select distinct on (batch_index) state from job where batch_id = $1 order by batch_index, submitted_at desc, id desc) last
      group by state`,
    [id],
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

export const nonZero = ({ counts }: Batch): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));

/** The batch, once it was seen to say what its jobs say, folded or not. */
export async function agrees(engine: Engine, id: string): Promise<Batch> {
  const before = await batch(engine, id);
  expect(nonZero(before)).toEqual(await counted(engine, id));
  await keepBatches(engine.ports);
  // Folding changes nothing that is seen.
  expect(await batch(engine, id)).toEqual(before);
  expect(await engine.database.query('select 1 from batch_step')).toEqual([]);
  return before;
}

export async function claimAll(engine: Engine, most: number): Promise<ClaimedAttempt[]> {
  const all: ClaimedAttempt[] = [];
  for (;;) {
    const some = await engine.claim({ capacity: Math.min(10, most - all.length) });
    all.push(...some);
    if (some.length === 0 || all.length >= most) return all;
  }
}
