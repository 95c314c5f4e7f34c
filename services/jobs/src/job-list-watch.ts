// Tells live lists of this replica which jobs changed: what was committed here and what other replicas say over NATS is
// collected, and looked up in one query for all lists, some times a second. What was heard lately is kept, so that a
// list that comes back goes on where it was; where something may have been missed, it is told to ask for all again.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@weft/telemetry';
import type { JobListFeed, JobListFollower } from './application/follow-jobs.js';
import type { ListedJob } from './application/takes-job.js';
import type { JobHint } from './messaging/job-hints.js';

export interface JobListWatch extends JobListFeed {
  /** Whether anybody follows, or did lately: otherwise nothing needs to be heard. */
  listening(): boolean;
  heard(hint: JobHint): void;
  /** News may have been missed. */
  missed(): void;
  stop(): Promise<void>;
}

export interface JobListWatchOptions {
  readonly listed: (jobIds: readonly string[]) => Promise<ListedJob[]>;
  readonly logger: Logger;
  /** Between two looks. */
  readonly lookMs?: number;
  /** How long news are collected on after the last list has left. */
  readonly lingerMs?: number;
  /** Jobs that wait to be looked at, or that are remembered. */
  readonly most?: number;
}

/** A job of which something was heard. */
interface Heard {
  readonly jobId: string;
  readonly seq: number;
  readonly revision: number;
  /** Where the last news of it stand in what this replica has heard. */
  readonly at: number;
  /** The same for each organization that it was heard of in: who sees only one that it has left hears no more of it. */
  readonly places: ReadonlyMap<string, number>;
}

/** A job, and where it was heard of since a follower was told of it. */
interface News {
  readonly jobId: string;
  readonly heardIn: readonly string[];
}

interface Following {
  readonly follower: JobListFollower;
  /** Its cursor, until what has changed since is known. */
  after: number | undefined;
  /** What has changed since its cursor; looked up before anything else is told. */
  owed: readonly News[];
  /** Undefined once it has been called. */
  opened: (() => void) | undefined;
}

const newsOf = ({ jobId, places }: Heard, since: number): News => ({
  jobId,
  heardIn: [...places].flatMap(([id, at]) => (at > since ? [id] : [])),
});

/** Jobs that one query looks up. */
const A_LOOK = 500;

export function startJobListWatch(options: JobListWatchOptions): JobListWatch {
  const { listed, logger, lookMs = 100, lingerMs = 60_000, most = 10_000 } = options;
  const replica = randomUUID();
  /** By organization; who comes during a look joins before the next. */
  const following = new Map<string, Set<Following>>();
  const joining = new Set<Following>();
  const owing = new Set<Following>();
  /** In the order in which they were heard of, the newest last. */
  const waiting = new Map<string, Heard>();
  const recent = new Map<string, Heard>();
  /** Counts what was heard; up to `looked` it has been offered, up to `forgotten` it is not known any more. */
  let at = 0;
  let looked = 0;
  let forgotten = 0;
  let listening = false;
  let linger: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  const stopping = new AbortController();
  const { signal } = stopping;

  const forget = (): void => {
    waiting.clear();
    recent.clear();
    looked = forgotten = ++at;
  };

  const open = (one: Following): void => {
    const { opened = one.follower.offered } = one;
    one.opened = undefined;
    opened();
  };

  const missed = (): void => {
    forget();
    for (const one of owing) one.owed = [];
    owing.clear();
    for (const one of everyone()) {
      one.after = undefined;
      one.follower.refetch();
      open(one);
    }
  };

  const everyone = (): Set<Following> =>
    new Set([...joining, ...[...following.values()].flatMap((some) => [...some])]);

  const join = (one: Following): void => {
    const { after, follower } = one;
    const mine = new Set(follower.organizationIds);
    for (const id of mine) following.set(id, (following.get(id) ?? new Set()).add(one));
    one.after = undefined;
    if (after === undefined) return;
    const owed = [...recent.values()]
      .filter((heard) => heard.at > after)
      .map((heard) => newsOf(heard, after))
      .filter(({ heardIn }) => heardIn.some((id) => mine.has(id)));
    if (after < forgotten || owed.length > A_LOOK) follower.refetch();
    else one.owed = owed;
    owing.add(one);
  };

  const offerRound = async (): Promise<void> => {
    for (const one of joining) join(one);
    joining.clear();
    const batch = [...waiting.values()].slice(0, A_LOOK);
    const wanted = batch
      .map((heard) => newsOf(heard, looked))
      .filter(({ heardIn }) => heardIn.some((id) => following.has(id)));
    const owed = [...owing].flatMap((one) => one.owed);
    const jobIds = [...new Set([...owed, ...wanted].map(({ jobId }) => jobId))];
    const before = forgotten;
    const found = new Map((jobIds.length === 0 ? [] : await listed(jobIds)).map((one) => [one.job.id, one]));
    // News were missed meanwhile: everybody asks for all again, and what was read here may be older than that.
    if (before !== forgotten) return;
    const told = new Set(owing);
    owing.clear();
    for (const one of told) {
      for (const { jobId, heardIn } of one.owed) one.follower.offer(jobId, heardIn, found.get(jobId));
      one.owed = [];
    }
    for (const { jobId, heardIn } of wanted)
      for (const one of followersIn(heardIn)) {
        one.follower.offer(jobId, heardIn, found.get(jobId));
        told.add(one);
      }
    for (const heard of batch) remember(heard);
    looked = batch.at(-1)?.at ?? looked;
    for (const one of told) open(one);
  };

  const followersIn = (organizationIds: readonly string[]): Iterable<Following> => {
    const [only, ...others] = organizationIds;
    if (only !== undefined && others.length === 0) return following.get(only) ?? [];
    return new Set(organizationIds.flatMap((id) => [...(following.get(id) ?? [])]));
  };

  const remember = (heard: Heard): void => {
    // It was heard of again while it was looked at.
    if (waiting.get(heard.jobId) === heard) waiting.delete(heard.jobId);
    recent.delete(heard.jobId);
    recent.set(heard.jobId, heard);
    const [oldest] = recent.size > most ? recent.values() : [];
    if (oldest === undefined) return;
    recent.delete(oldest.jobId);
    forgotten = oldest.at;
  };

  const idle = (): boolean => waiting.size === 0 && joining.size === 0 && owing.size === 0;

  const look = async (): Promise<void> => {
    while (!signal.aborted && !idle()) {
      let failed = false;
      try {
        await offerRound();
      } catch (error) {
        failed = true;
        logger.warn({ err: error }, 'live lists could not look at their jobs');
      }
      if (failed || waiting.size < A_LOOK) await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
    looking = undefined;
  };

  const lookSoon = (): void => {
    looking ??= look();
  };

  const heard = (hint: JobHint): void => {
    if (!listening) return;
    const { jobId, seq, revision } = hint;
    const known = waiting.get(jobId) ?? recent.get(jobId);
    // News come by two ways, and may come again.
    if (known !== undefined && seq <= known.seq && revision <= known.revision) return;
    if (waiting.size >= most) {
      logger.warn({ waiting: waiting.size }, 'more jobs change than live lists are told of');
      missed();
      return;
    }
    const now = ++at;
    waiting.delete(jobId);
    waiting.set(jobId, {
      jobId,
      at: now,
      seq: Math.max(seq, known?.seq ?? 0),
      revision: Math.max(revision, known?.revision ?? 0),
      places: new Map([...(known?.places ?? []), ...hint.organizationIds().map((id) => [id, now] as const)]),
    });
    lookSoon();
  };

  const position = (cursor: string | undefined, scope: string): number | undefined => {
    const [of, where, whose] = cursor?.split('.') ?? [];
    const after = Number(where);
    if (of !== replica || whose !== scope || !Number.isInteger(after)) return undefined;
    return after >= forgotten && after <= looked ? after : undefined;
  };

  return {
    listening: () => listening,
    heard,
    missed,
    follow(follower, cursor, scope, opened) {
      clearTimeout(linger);
      listening = true;
      const after = position(cursor, scope);
      const one: Following = { follower, after, owed: [], opened };
      joining.add(one);
      if (after === undefined) {
        follower.refetch();
        open(one);
      }
      lookSoon();
      return () => {
        joining.delete(one);
        owing.delete(one);
        for (const id of follower.organizationIds) {
          const others = following.get(id);
          others?.delete(one);
          if (others?.size === 0) following.delete(id);
        }
        if (following.size > 0 || joining.size > 0) return;
        clearTimeout(linger);
        linger = setTimeout(() => {
          listening = false;
          forget();
        }, lingerMs).unref();
      };
    },
    cursor: (scope) => `${replica}.${looked}.${scope}`,
    async stop() {
      stopping.abort();
      clearTimeout(linger);
      await looking;
    },
  };
}
