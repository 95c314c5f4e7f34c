// The engine's hot path: every write is one statement that commits by itself, and concurrent ones share it.
import { groupCommit, sqlState, UNIQUE_VIOLATION, violatedConstraint, type Database } from '@weft/database';
import type { CommittedRow } from '@weft/outbox';
import type { SyncPoint } from '@weft/telemetry';
import type {
  Birth,
  HandedOver,
  HotStore,
  JobInput,
  KnownJob,
  Promoted,
  Written,
} from '../application/ports.js';
import { SMALL_INPUT_BYTES } from '../application/recent-jobs.js';
import * as statements from './job-statements.js';
import { lookOf, type LookRow } from './queue-look.js';
import * as queue from './queue-statements.js';
import { UUID } from './job-store.js';
import type { Announce } from './job-news.js';
import { insertJobs, saveChanges } from './job-writes.js';
import { apart, attemptFromJson, itemFromJson, jobOf, type Json } from './rows.js';
import type { AttemptRow, JobItemRow, JobRow } from './tables.js';

/** One statement must stay well below what a message of the protocol and the memory of a backend bear. */
const MOST_IN_ONE = 64;
/**
 * A statement costs about as much as so many jobs in it. Fewer wait for the ends that are just being written, which bring
 * more: two half groups that take turns at being written would never meet.
 */
const WORTH_A_STATEMENT = 8;
/** A look at the queue that takes longer passes over the remains of what was claimed: the mark is due. */
const SLOW_LOOK_MS = 8;
const MARK_EVERY_MS = 1_000;
const LONG_AGO = new Date(0);

type LoadedRow = JobRow &
  Omit<JobInput, 'itemParams' | 'id'> & {
    readonly small: boolean;
    readonly at: Date;
    readonly itemParams: readonly (string | null)[] | null;
    readonly items: readonly Json<JobItemRow>[];
    readonly knownAttempts: readonly Json<AttemptRow>[] | null;
  };

/**
 * @param carry takes what was committed, for the relay.
 * @param handOver hands new jobs to workers that wait, before they are written.
 */
export function createHotStore(
  database: Database,
  announce: Announce,
  carry: (rows: readonly CommittedRow[]) => void,
  handOver: (births: readonly Birth[]) => Promise<HandedOver> = (births) =>
    Promise.resolve({ births, settle: () => undefined }),
  syncPoint: SyncPoint = () => Promise.resolve(),
): HotStore {
  const saves = createLast();
  const insertGroup = groupCommit<Birth, Birth | 'refused' | undefined>({
    most: MOST_IN_ONE,
    after: (waiting) => (waiting < WORTH_A_STATEMENT ? saves.underWay() : undefined),
    keysOf: ({ key }) => (key === null ? [] : [`${key.organizationId} ${key.key}`]),
    async write(births) {
      const handed = await handOver(births);
      const written = new Map<string, Birth>();
      try {
        const { jobIds, news } = await insertJobs(database, announce, handed.births, 'by source');
        await syncPoint('after-insert');
        for (const birth of handed.births)
          if (jobIds.has(birth.born.job.id)) written.set(birth.born.job.id, birth);
        carry(news);
      } finally {
        handed.settle(written);
      }
      return handed.births.map(({ born, given }) =>
        given === undefined ? written.get(born.job.id) : (written.get(born.job.id) ?? 'refused'),
      );
    },
  });
  const insert = async (birth: Birth): Promise<Birth | undefined> => {
    const written = await insertGroup(birth);
    if (written !== 'refused') return written;
    // Somebody else has claimed under the same limit meanwhile, or has the key: it goes into the queue like others.
    const queued = await insertGroup({ ...birth, queued: true });
    return queued === 'refused' ? undefined : queued;
  };
  const saveMany = async (changes: readonly Written[]): Promise<boolean[]> => {
    const { jobIds, news } = await saveChanges(database, announce, changes, 'by source');
    await syncPoint('after-save');
    carry(news);
    return changes.map(({ change }) => jobIds.has(change.job.id));
  };
  const saveGroup = groupCommit<Written, boolean>({
    most: MOST_IN_ONE,
    keysOf: ({ change }) => [change.job.id],
    write: (changes) => saves.next(saveMany(changes)),
  });
  const marks = new Map<string, { at: Date; setAt: number }>();

  /** Sets the mark by a look at all that is open; whatever comes below it later waits for the next look. */
  const remark = async (targetId: string): Promise<void> => {
    const known = marks.get(targetId);
    const setAt = performance.now();
    if (known !== undefined && setAt - known.setAt < MARK_EVERY_MS) return;
    marks.set(targetId, { at: known?.at ?? LONG_AGO, setAt });
    const [row] = await database.query<{ mark: Date | null }>(queue.QUEUE_MARK, [targetId]);
    marks.set(targetId, { at: row?.mark ?? LONG_AGO, setAt: performance.now() });
  };

  return {
    insert,
    save: saveGroup,
    saveMany,
    async look(targetId, limits, most, requests) {
      const mark = marks.get(targetId)?.at ?? LONG_AGO;
      const startedAt = performance.now();
      const rows = await database.query<LookRow>(queue.QUEUE_HEADS, [
        targetId,
        most,
        mark,
        requests.map((one) => one.workerId),
        requests.map((one) => one.requestId),
        limits.target,
        limits.organization,
      ]);
      if (performance.now() - startedAt > SLOW_LOOK_MS || mark > LONG_AGO) await remark(targetId);
      return lookOf(targetId, limits.target, rows);
    },
    async gateStrays(targetId, definitionIds) {
      await database.query(queue.GATE_STRAYS, [targetId, definitionIds]);
    },
    async load(jobIds) {
      const rows = await database.query<LoadedRow>(statements.LOAD_JOBS, [
        jobIds.filter((id) => UUID.test(id)),
        SMALL_INPUT_BYTES,
      ]);
      return rows.map(knownJobOf);
    },
    async dropOrphans(jobIds) {
      await database.query(queue.DROP_ORPHANS, [jobIds]);
    },
    inputs: async (inputIds) =>
      new Map(
        (await database.query<JobInput>(statements.INPUTS, [inputIds])).map((input) => [input.id, input]),
      ),
    async keyHolder(organizationId, key) {
      const rows = await database.query<{ jobId: string; inputHash: string }>(statements.KEY_HOLDER, [
        organizationId,
        key,
      ]);
      return rows[0];
    },
    async promote(most) {
      const [promoted = { targetIds: [], nextAt: null }] = await database.query<Promoted>(queue.PROMOTE, [
        database.now(),
        most,
      ]);
      if (promoted.targetIds.length > 0) await syncPoint('after-promote');
      return promoted;
    },
  };
}

/** The last of some writes, while it is on its way. */
function createLast() {
  let last: Promise<void> | undefined;
  return {
    underWay: () => last,
    next<T>(write: Promise<T>): Promise<T> {
      const ended: Promise<void> = Promise.allSettled([write]).then(() => {
        if (last === ended) last = undefined;
      });
      last = ended;
      return write;
    },
  };
}

/** The same claim was given work through another replica at the same moment. */
export const isServedTwice = (error: unknown): boolean =>
  sqlState(error) === UNIQUE_VIOLATION && violatedConstraint(error) === 'attempt_claim';

function knownJobOf(row: LoadedRow): KnownJob {
  const { rest, input } = apart(row);
  const {
    small, at, sharedId, data, params, itemParams, command, size, image, items, knownAttempts,
    ...job
  } = rest; // prettier-ignore
  const values = {
    ...input,
    id: job.inputId,
    sharedId,
    data,
    params,
    itemParams: itemParams ?? [],
    command,
    size,
    image,
  };
  return {
    job: jobOf(job),
    items: items.map(itemFromJson),
    at,
    attempts: (knownAttempts ?? []).map(attemptFromJson),
    input,
    values: small ? values : null,
  };
}
