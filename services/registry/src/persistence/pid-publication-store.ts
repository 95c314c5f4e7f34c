import type { Queryable, Statement } from '@weft/database';
import type {
  PidKind,
  PidPublication,
  PidPublicationView,
  PidQueue,
  TakenPid,
} from '../application/pid-ports.js';

/** A wish that changes nothing makes no revision; one that comes while an earlier one is told waits for its end. */
const WISH_PUBLISHED: Statement = {
  name: 'wish-pids-published',
  text: `insert into pid_publication (pid, provider, wish, record, due_at)
    select pid, $1, 'PUBLISHED', record, now() from jsonb_to_recordset($2) as wish (pid text, record jsonb) order by pid
    on conflict (pid) do update set wish = 'PUBLISHED', record = excluded.record, reason = null,
      revision = pid_publication.revision + 1, due_at = now(), tries = 0, problem = null
    where (pid_publication.wish, pid_publication.record) is distinct from ('PUBLISHED', excluded.record)`,
};

const WISH_RETIRED: Statement = {
  name: 'wish-pids-retired',
  text: `update pid_publication set wish = 'RETIRED', reason = $2,
      revision = revision + 1, due_at = now(), tries = 0, problem = null
    where pid = any($1) and (wish, reason) is distinct from ('RETIRED', $2)`,
};

const TAKE: Statement = {
  name: 'take-pids',
  text: `update pid_publication p
    set tries = p.tries + 1, takes = p.takes + 1, taken_until = now() + make_interval(secs => $3::float8 / 1000)
    from (select pid from pid_publication
      where provider = $1 and due_at <= now() and (taken_until is null or taken_until <= now())
      order by due_at limit $2 for update skip locked) due
    where p.pid = due.pid
    returning p.pid, p.wish, p.record, p.reason, p.revision, p.told, p.target, p.tries as tried, p.takes as take`,
};

const DONE: Statement = {
  name: 'pid-told',
  text: `update pid_publication set told = greatest(told, $3), target = $4, taken_until = null,
      due_at = case when revision = $3 then null else due_at end,
      tries = 0, problem = case when revision = $3 then null else problem end
    where pid = $1 and takes = $2`,
};

const FAILED: Statement = {
  name: 'pid-not-told',
  text: `update pid_publication set taken_until = null,
      due_at = case when revision = $3 then now() + make_interval(secs => $5::float8 / 1000) else due_at end,
      tries = case when revision = $3 and not $6 then tries - 1 else tries end,
      problem = case when revision = $3 then $4 else problem end
    where pid = $1 and takes = $2`,
};

const REOPEN: Statement = {
  name: 'reopen-pids',
  text: `with opened as (
      update pid_publication set due_at = now(), tries = 0
      where provider = $1 and due_at is null and (told < revision or target is distinct from $2 || '/' || pid)
      returning 1)
    select count(*)::int as count from opened`,
};

const VIEWS: Statement = {
  name: 'pid-publications',
  text: `select pid, problem, tries, due_at as "nextTryAt",
      case when told = revision then wish when due_at is null then 'FAILED' else 'PENDING' end as state
    from pid_publication where pid = any($1)`,
};

export async function wishPublished(
  tx: Queryable,
  kind: PidKind,
  publications: readonly PidPublication[],
): Promise<void> {
  if (publications.length > 0) await tx.query(WISH_PUBLISHED, [kind, JSON.stringify(publications)]);
}

/** Of pids that were ever wished to be published; the world never heard of the others. */
export async function wishRetired(tx: Queryable, pids: readonly string[], reason: string): Promise<void> {
  if (pids.length > 0) await tx.query(WISH_RETIRED, [pids, reason]);
}

export function pidQueue(database: Queryable): PidQueue {
  return {
    async reopen(kind, resolverUrl) {
      const [row] = await database.query<{ count: number }>(REOPEN, [kind, resolverUrl]);
      return row?.count ?? 0;
    },
    take: (kind, most, leaseMs) => database.query<TakenPid>(TAKE, [kind, most, leaseMs]),
    async done({ pid, take, revision }, target) {
      await database.query(DONE, [pid, take, revision, target]);
    },
    async failed({ pid, take, revision }, problem, { waitMs, counts }) {
      await database.query(FAILED, [pid, take, revision, problem, waitMs ?? null, counts]);
    },
  };
}

/** What has become of each wish; a pid that no registrar is to hear of has none. */
export async function pidPublications(
  database: Queryable,
  pids: readonly string[],
): Promise<Map<string, PidPublicationView>> {
  const rows = await database.query<PidPublicationView>(VIEWS, [pids]);
  return new Map(rows.map((row) => [row.pid, row]));
}
