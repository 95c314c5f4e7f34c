// Jobs that ended FAILED and that nobody has dealt with: they are run again or dismissed, one or by filter. A hundred in a
// transaction; every chunk that was committed stays, and whoever asks again goes on with what is left.
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { organizationIds, type Actor } from '@weft/identity';
import type { TransitionActor } from '../domain/job.js';
import type { JobFilter } from './job-list.js';
import type { JobReader } from './job-reader.js';
import type { Birth, LockedJob, Ports, Work } from './ports.js';
import {
  bearSuccessors,
  carriedOf,
  createJudge,
  successorOf,
  type Asked,
  type RetryItems,
} from './succeed-jobs.js';

const CHUNK = 100;
/** How long one request goes on: well below the time that a gateway waits for an answer. */
const PATIENCE_MS = 10_000;
/** How many jobs one request deals with. */
export const MOST_DEAD_LETTERS = 10_000;
export const MOST_IDS = 500;
const MAX_REASON = 500;
const MOST_REFUSED = 100;

/** Either by id or all that meet a filter. */
export type DeadLetterChoice = { readonly ids: readonly string[] } | { readonly filter: JobFilter };

export interface DealtWith {
  readonly jobs: number;
  /** What was named and is no dead letter of the actor's: there is none, or somebody has dealt with it. */
  readonly unknown: readonly string[];
  /** There may be others: ask again. */
  readonly more: boolean;
}

export interface RefusedJob {
  readonly jobId: string;
  readonly error: UserError;
}

export interface Requeued extends DealtWith {
  /** Those that cannot run again as they are; they stay dead letters. */
  readonly refused: readonly RefusedJob[];
  /** Why it stopped before the end. */
  readonly stopped: UserError | undefined;
}

type Reader = Pick<JobReader, 'jobs' | 'counts'>;

export interface DeadLetterRequest {
  readonly actor: Actor;
  readonly choice: DeadLetterChoice;
  /** Only counts. */
  readonly dryRun: boolean;
}

/** Gives each a successor, as far as the queue has room. */
export async function requeueDeadLetters(
  ports: Ports,
  reader: Reader,
  request: DeadLetterRequest,
  correlationId: string,
  items: RetryItems,
  patienceMs = PATIENCE_MS,
): Promise<Outcome<Requeued>> {
  const { actor, choice } = request;
  const owners = ownersOf(actor, choice, 'Running jobs again');
  if (!owners.ok) return owners;
  if (request.dryRun)
    return done({
      ...(await count(ports, reader, actor, owners.value, choice)),
      refused: [],
      stopped: undefined,
    });
  const asked: Asked = { by: { kind: 'user', id: actor.id }, correlationId };
  const refusals: RefusedJob[] = [];
  let stopped: UserError | undefined;
  const judge = createJudge();
  const until = performance.now() + patienceMs;
  const dealt = await dealWith(ports, reader, actor, owners.value, choice, until, async (tx, locked) => {
    const able: Birth[] = [];
    for (const one of await tx.jobs.toRepeat(locked)) {
      const judged = await judge(tx, one);
      const [error] = judged.verdict.errors;
      if (error !== undefined) refusals.push({ jobId: one.job.id, error });
      else able.push(successorOf(ports, one, carriedOf(one, items), asked, judged));
    }
    const births: Birth[] = [];
    // Counted in together: what this transaction has not committed is in no count yet.
    for (const [owner, some] of Map.groupBy(able, ({ born }) => born.job.organizationId)) {
      const { admitted, full } = await ports.queueCap.admitSome(owner, some.length);
      births.push(...some.slice(0, admitted));
      stopped ??= full;
    }
    await bearSuccessors(ports, tx, births);
    return { jobs: births.length, goOn: stopped === undefined && refusals.length < MOST_REFUSED };
  });
  return done({ ...dealt, refused: refusals, stopped });
}

/** They stay FAILED, with the reason in their records. */
export async function dismissDeadLetters(
  ports: Ports,
  reader: Reader,
  { actor, choice, dryRun }: DeadLetterRequest,
  reason: string,
  patienceMs = PATIENCE_MS,
): Promise<Outcome<DealtWith>> {
  const owners = ownersOf(actor, choice, 'Dismissing');
  if (!owners.ok) return owners;
  if (reason.trim() === '' || reason.length > MAX_REASON || reason.includes('\0') || !reason.isWellFormed())
    return refused(
      userError('BAD_USER_INPUT', `reason has 1 to ${MAX_REASON} characters of text.`, 'input', 'reason'),
    );
  if (dryRun) return done(await count(ports, reader, actor, owners.value, choice));
  const by: TransitionActor = { kind: 'user', id: actor.id };
  const until = performance.now() + patienceMs;
  return done(
    await dealWith(ports, reader, actor, owners.value, choice, until, async (tx, locked) => {
      const [first] = locked;
      if (first === undefined) return { jobs: 0, goOn: true };
      const jobIds = locked.map(({ job }) => job.id);
      await tx.deadLetters.dismiss(jobIds, reason, by, first.now);
      tx.afterCommit(() => jobIds.forEach((id) => ports.recent.forget(id)));
      return { jobs: locked.length, goOn: true };
    }),
  );
}

/** The organizations whose jobs the actor may change. */
function ownersOf(actor: Actor, choice: DeadLetterChoice, what: string): Outcome<readonly string[]> {
  if ('ids' in choice && (choice.ids.length === 0 || choice.ids.length > MOST_IDS))
    return refused(userError('BAD_USER_INPUT', `Name 1 to ${MOST_IDS} jobs.`, 'input', 'ids'));
  const only = 'filter' in choice ? choice.filter.organizationId : undefined;
  const owners = organizationIds(actor, 'MAINTAINER').filter((id) => only === undefined || id === only);
  return owners.length > 0
    ? done(owners)
    : refused(userError('FORBIDDEN', `${what} needs the role MAINTAINER in the organization.`, 'input'));
}

async function count(
  ports: Ports,
  reader: Reader,
  actor: Actor,
  owners: readonly string[],
  choice: DeadLetterChoice,
): Promise<DealtWith> {
  if ('ids' in choice) {
    const { ids, unknown } = await named(ports, owners, choice.ids);
    return { jobs: ids.length, unknown, more: false };
  }
  let jobs = 0;
  let complete = true;
  for (const organizationId of owners) {
    const counts = await reader.counts(actor, { ...choice.filter, organizationId, dead: true }, 'STATE');
    jobs += counts.counted;
    complete &&= counts.complete;
  }
  return { jobs, unknown: [], more: jobs > MOST_DEAD_LETTERS || !complete };
}

async function named(
  ports: Ports,
  owners: readonly string[],
  wanted: readonly string[],
): Promise<{ readonly ids: readonly string[]; readonly unknown: readonly string[] }> {
  if (wanted.length === 0) return { ids: [], unknown: [] };
  const ids = await ports.transact((tx) => tx.deadLetters.among(owners, wanted));
  const known = new Set(ids);
  return { ids, unknown: [...new Set(wanted)].filter((id) => !known.has(id.toLowerCase())) };
}

async function dealWith(
  ports: Ports,
  reader: Reader,
  actor: Actor,
  owners: readonly string[],
  choice: DeadLetterChoice,
  until: number,
  deal: (tx: Work, locked: readonly LockedJob[]) => Promise<{ jobs: number; goOn: boolean }>,
): Promise<DealtWith> {
  let jobs = 0;
  let passedOver = false;
  const { ids: known, unknown } = await named(ports, owners, 'ids' in choice ? choice.ids : []);
  for await (const ids of chunksOf(reader, actor, owners, 'ids' in choice ? { ids: known } : choice)) {
    if (jobs + ids.length > MOST_DEAD_LETTERS) return { jobs, unknown, more: true };
    const chunk = await ports.transact(async (tx) => {
      const locked = await tx.deadLetters.lock(owners, ids);
      return { ...(await deal(tx, locked)), missed: ids.length - locked.length };
    });
    jobs += chunk.jobs;
    passedOver ||= chunk.missed > 0;
    if (!chunk.goOn || performance.now() > until) return { jobs, unknown, more: true };
  }
  return { jobs, unknown, more: passedOver };
}

/** Each is looked for once: what stays although it was dealt with, as what was refused, is not met again. */
async function* chunksOf(
  reader: Reader,
  actor: Actor,
  owners: readonly string[],
  choice: DeadLetterChoice,
): AsyncGenerator<readonly string[]> {
  if ('ids' in choice) {
    for (let at = 0; at < choice.ids.length; at += CHUNK) yield choice.ids.slice(at, at + CHUNK);
    return;
  }
  for (const organizationId of owners) {
    const filter = { ...choice.filter, organizationId, dead: true } as const;
    for (let after: readonly string[] | undefined = []; after !== undefined;) {
      const from = after.length === 0 ? undefined : after;
      const page = await reader.jobs(actor, filter, { first: CHUNK, after: from }, 'LAST_ENDED');
      if (page.rows.length > 0 || page.hasNextPage) yield page.rows.map((job) => job.id);
      const [at, id] = page.end ?? [];
      after = page.hasNextPage && at !== undefined && id !== undefined ? [at.toISOString(), id] : undefined;
    }
  }
}
