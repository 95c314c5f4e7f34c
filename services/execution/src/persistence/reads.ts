import type { Database } from '@weft/database';
import { In, IsNull, Not, type FindOptionsWhere } from 'typeorm';
import type { AttemptKey, LogRange, Reads } from '../application/ports.js';
import type { Artifact, StoredArtifact } from '../domain/artifact.js';
import type { KnownAttempt, KnownJob } from '../domain/attempt.js';
import type { AttemptUsage, LogLine } from '../domain/log-line.js';
import type { Target } from '../domain/target.js';
import { OPENED } from './holders.js';
import { isUuid, uuidsOf } from './ids.js';
import { ATTEMPT_COLUMNS, JOB_COLUMNS } from './job-store.js';
import { ArtifactTable, ProviderTable, TargetTable } from './tables.js';

const LINE_COLUMNS = `l.job_id as "jobId", l.position, l.attempt, l.number, l.stream, l.at, l.text`;

const SHARED = {
  name: 'artifacts-shared',
  text: `select distinct artifact_id as id from ${OPENED} opened
    where artifact_id = any ($1::uuid[]) and data_readers && $2::uuid[]`,
};

/** Reads for the graph. Whoever asks is part of every query: what is not theirs is never fetched. */
export function createReads(database: Database): Reads {
  const { manager } = database.dataSource;
  const visible = (
    organizationIds: readonly string[],
    rest: FindOptionsWhere<Target> = {},
  ): FindOptionsWhere<Target>[] => [
    { ...rest, organizationId: IsNull() },
    { ...rest, organizationId: In(uuidsOf(organizationIds)) },
  ];
  const byId = <T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> =>
    new Map(rows.map((row) => [row.id, row]));

  return {
    providers: () => manager.find(ProviderTable, { order: { id: 'ASC' } }),
    targets(organizationIds, { providerId, status, kind }) {
      const query = manager
        .createQueryBuilder(TargetTable, 't')
        .where(visible(organizationIds))
        .orderBy('t.id');
      if (providerId != null) query.andWhere('t.providerId = :providerId', { providerId });
      if (status != null) query.andWhere('t.status = :status', { status });
      if (kind != null) query.andWhere(':kind = any(t.kinds)', { kind });
      return query.getMany();
    },
    async targetsById(organizationIds, ids) {
      return byId(await manager.findBy(TargetTable, visible(organizationIds, { id: In([...ids]) })));
    },
    async queueLengths(targetIds) {
      const rows = await database.query<{ id: string; waiting: number }>(
        `select target_id as id, count(*) as waiting from known_job where target_id = any($1) and state = 'PENDING' group by target_id`,
        [targetIds],
      );
      return new Map(rows.map((row) => [row.id, row.waiting]));
    },
    async artifactsById(organizationIds, principals, ids) {
      const stored = async (where: FindOptionsWhere<Artifact>): Promise<StoredArtifact[]> =>
        (await manager.findBy(ArtifactTable, { ...where, sha256: Not(IsNull()) })) as StoredArtifact[];
      const wanted = uuidsOf(ids).map((id) => id.toLowerCase());
      const own = byId(await stored({ id: In(wanted), organizationId: In(uuidsOf(organizationIds)) }));
      const others = wanted.filter((id) => !own.has(id));
      if (others.length === 0) return own;
      const shared = await database.query<{ id: string }>(SHARED, [others, uuidsOf(principals)]);
      if (shared.length === 0) return own;
      return new Map([...own, ...byId(await stored({ id: In(shared.map(({ id }) => id)) }))]);
    },
    async artifacts(organizationIds, jobId, { limit, after }) {
      if (jobId !== undefined && !isUuid(jobId)) return [];
      const query = manager
        .createQueryBuilder(ArtifactTable, 'a')
        .where('a.organizationId = any(:organizationIds) and a.sha256 is not null', {
          organizationIds: uuidsOf(organizationIds),
        })
        .orderBy('a.createdAt', 'DESC')
        .addOrderBy('a.id', 'DESC')
        .take(limit);
      if (jobId !== undefined) query.andWhere('a.jobId = :jobId', { jobId });
      const [at, id] = after ?? [];
      if (typeof at === 'string' && typeof id === 'string')
        query.andWhere('(a.createdAt, a.id) < (:at::timestamptz, :id::uuid)', { at, id });
      return (await query.getMany()) as StoredArtifact[];
    },
    async attemptUsages(organizationIds, keys) {
      const known = keys.filter((key) => isUuid(key.jobId));
      const rows = await database.query<AttemptUsage & AttemptKey>(
        {
          name: 'attempt-usages',
          text: `select a.job_id as "jobId", a.number, a.wall_ms as "wallMs", a.cpu_ms as "cpuMs",
                   a.peak_memory_bytes as "peakMemoryBytes", a.exit_code as "exitCode"
                 from unnest($2::uuid[], $3::int[]) as wanted(job_id, number)
                 join known_attempt a using (job_id, number) join known_job j on j.id = a.job_id
                 where j.organization_id = any($1) and a.wall_ms is not null`,
        },
        [uuidsOf(organizationIds), known.map((key) => key.jobId), known.map((key) => key.number)],
      );
      return new Map(rows.map((row) => [`${row.jobId}:${row.number}`, row]));
    },
    async logLines(organizationIds, jobId, range) {
      if (!isUuid(jobId)) return [];
      return readLines(database, uuidsOf(organizationIds), jobId, range);
    },
    async jobForLog(organizationIds, jobId) {
      if (!isUuid(jobId)) return undefined;
      const rows = await database.query<KnownJob & { now: Date }>(
        {
          name: 'job-for-log',
          text: `select ${JOB_COLUMNS}, now() as now from known_job j where j.id = $1 and j.organization_id = any($2)`,
        },
        [jobId, uuidsOf(organizationIds)],
      );
      const job = rows[0];
      if (job === undefined) return undefined;
      const attempts = await database.query<KnownAttempt>(
        {
          name: 'attempts-for-log',
          text: `select ${ATTEMPT_COLUMNS} from known_attempt a where a.job_id = $1 order by a.number`,
        },
        [jobId],
      );
      return { job, attempts, now: job.now };
    },
  };
}

async function readLines(
  database: Database,
  organizationIds: readonly string[],
  jobId: string,
  range: LogRange,
): Promise<LogLine[]> {
  const fromEnd = range.fromEnd === true;
  const lines = await database.query<LogLine>(
    {
      name: fromEnd ? 'log-tail' : 'log-page',
      text: `select ${LINE_COLUMNS} from log_line l
             where l.job_id = $1 and exists (select 1 from known_job j where j.id = $1 and j.organization_id = any($2))
               and l.position > $3 and l.position < $4 and ($5::int is null or l.attempt = $5)
             order by l.position ${fromEnd ? 'desc' : 'asc'} limit $6`,
    },
    [
      jobId,
      organizationIds,
      range.after ?? 0,
      range.before ?? Number.MAX_SAFE_INTEGER,
      range.attempt ?? null,
      range.limit,
    ],
  );
  return fromEnd ? lines.reverse() : lines;
}
