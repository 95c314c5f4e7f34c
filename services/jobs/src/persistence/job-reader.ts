import { pageOf, type Database } from '@weft/database';
import { organizationIds, type Actor } from '@weft/identity';
import { In, MoreThan } from 'typeorm';
import type {
  AttemptView,
  JobDetails,
  JobFailure,
  JobInputView,
  JobReader,
} from '../application/job-reader.js';
import type { Job, JobItem } from '../domain/job.js';
import { layOverValue } from '../domain/lay-over.js';
import { selectList, unprefixed } from './columns.js';
import { WORDS } from './job-conditions.js';
import { createJobList } from './job-list.js';
import { DATA, JOB_NEWS } from './job-statements.js';
import { UUID } from './job-store.js';
import { itemOf, jobOf, transitionOf } from './rows.js';
import {
  AttemptTable,
  JobItemTable,
  JobTable,
  TransitionTable,
  type JobRow,
  type TransitionRow,
} from './tables.js';

const uuids = (ids: readonly string[]): string[] => ids.filter((id) => UUID.test(id));

/** A job of a batch keeps its params as those of its only item: what it lays over what all of them share. */
const PARAMS_OF_BATCH = '(i.shared_id is not null and j.needs_met is null)';

/** Reads through TypeORM, but for the hottest. Rights are part of every query that starts from an id or a filter. */
export function createJobReader(database: Database): JobReader {
  const { dataSource, query } = database;
  const list = createJobList(database);
  const jobs = dataSource.getRepository(JobTable);
  const items = dataSource.getRepository(JobItemTable);
  const attempts = dataSource.getRepository(AttemptTable);
  const transitions = dataSource.getRepository(TransitionTable);

  const byIds = async (actor: Actor, ids: readonly string[]): Promise<(Job | undefined)[]> => {
    const rows = await jobs.findBy({ id: In(uuids(ids)), organizationId: In(organizationIds(actor)) });
    const found = new Map(rows.map((row) => [row.id, jobOf(row)]));
    return ids.map((id) => found.get(id));
  };

  /** Items that came along from a predecessor show the result that it holds. */
  const withCarried = async (list: readonly JobItem[]): Promise<JobItem[]> => {
    const carried = list.filter((item) => item.carriedFrom !== null);
    if (carried.length === 0) return [...list];
    const rows = await items.findBy(
      carried.map((item) => ({ jobId: item.carriedFrom as string, index: item.index })),
    );
    const sources = new Map(rows.map((row) => [`${row.jobId}:${row.index}`, row]));
    return list.map((item) => {
      const source = sources.get(`${item.carriedFrom}:${item.index}`);
      if (source === undefined) return item;
      return {
        ...item,
        result: source.result,
        resultArtifactId: source.resultArtifactId,
        resultSha256: source.resultSha256,
      };
    });
  };

  const visibleJobIds = async (actor: Actor, ids: readonly string[]): Promise<Set<string>> =>
    new Set((await byIds(actor, ids)).flatMap((job) => (job === undefined ? [] : [job.id])));

  return {
    job: async (actor, id) => (await byIds(actor, [id]))[0],
    jobsByIds: byIds,
    jobs: (actor, filter, page, order = 'NEWEST') => list.page(actor, filter, order, page),
    counts: list.counts,
    durations: list.durations,
    async details(jobIds) {
      const rows = await query<JobDetails>(
        {
          name: 'job-details',
          text: `select j.id as "jobId", j.description, coalesce((
              select sum(coalesce(a.progress, 0) * cardinality(a.items)) from attempt a
              where a.job_id = j.id and a.outcome = 'RUNNING'), 0) as "underWay"
            from job j where j.id = any($1)`,
        },
        [uuids(jobIds)],
      );
      const found = new Map(rows.map((row) => [row.jobId, row]));
      return jobIds.map((id) => found.get(id));
    },
    async failures(jobIds) {
      const rows = await query<JobFailure>(
        {
          name: 'job-failures',
          text: `select x.job_id as "jobId", count(*) filter (where x.state = 'FAILED')::int as "failedItems", sum(x.losses)::int as "losses",
              (array_agg(x.error order by x.index) filter (where x.state = 'FAILED'))[1] as "error"
            from job_item x where x.job_id = any($1) group by x.job_id`,
        },
        [uuids(jobIds)],
      );
      const found = new Map(rows.map((row) => [row.jobId, row]));
      return jobIds.map((id) => found.get(id));
    },
    async news(jobId, afterSeq, most) {
      const rows = await query(JOB_NEWS, [jobId, afterSeq, most]);
      const [first] = rows;
      return {
        job: first && jobOf(unprefixed<JobRow>(first, 'job.')),
        transitions: rows
          .filter((row) => row['event.seq'] !== null)
          .map((row) => transitionOf(unprefixed<TransitionRow>(row, 'event.'))),
      };
    },
    async listed(jobIds) {
      const rows = await query<JobRow & { readonly words: string }>(
        {
          name: 'jobs-listed',
          text: `select ${selectList(JobTable, 'j')}, ${WORDS} as words from job j where j.id = any($1)`,
        },
        [uuids(jobIds)],
      );
      return rows.map(({ words, ...row }) => ({ job: jobOf(row), words }));
    },
    async seqs(jobIds) {
      const rows = await query<{ id: string; seq: number }>(
        { name: 'job-seqs', text: 'select id, seq from job where id = any($1)' },
        [uuids(jobIds)],
      );
      return new Map(rows.map((row) => [row.id, row.seq]));
    },
    async timeline(jobId, afterSeq, first) {
      const rows = await transitions.find({
        where: { jobId, seq: MoreThan(afterSeq) },
        order: { seq: 'ASC' },
        take: first + 1,
      });
      const page = pageOf(rows, first);
      return { rows: page.rows.map(transitionOf), hasNextPage: page.hasNextPage };
    },
    async items(jobId, afterIndex, first, states) {
      const rows = await items.find({
        where: { jobId, index: MoreThan(afterIndex), ...(states && { state: In([...states]) }) },
        order: { index: 'ASC' },
        take: first + 1,
      });
      const page = pageOf(rows, first);
      return { rows: await withCarried(page.rows.map(itemOf)), hasNextPage: page.hasNextPage };
    },
    async soleItems(jobIds) {
      const rows = await withCarried(
        (await items.findBy({ jobId: In(uuids(jobIds)), index: 0 })).map(itemOf),
      );
      const found = new Map(rows.map((row) => [row.jobId, row]));
      return jobIds.map((id) => found.get(id));
    },
    async inputs(jobIds) {
      const rows = await query<JobInputView & { readonly ownParams: unknown }>(
        {
          name: 'job-inputs',
          text: `select j.id as "jobId", ${DATA} as data, coalesce(i.params, s.params) as params,
              case when ${PARAMS_OF_BATCH} then (i.item_params ->> 0)::json end as "ownParams", i.data_artifact_id as "dataArtifactId",
              i.code_artifact_id as "codeArtifactId", coalesce(i.command, s.command) as command, i.size, i.image, i.result_pool as "resultPool"
            from job j join job_input i on i.id = j.input_id left join job_input s on s.id = i.shared_id where j.id = any($1)`,
        },
        [uuids(jobIds)],
      );
      const found = new Map(
        rows.map(({ ownParams, ...row }) => [
          row.jobId,
          ownParams === null ? row : { ...row, params: layOverValue(row.params, ownParams) },
        ]),
      );
      return jobIds.map((id) => found.get(id));
    },
    async itemParams(jobIds) {
      const rows = await query<{ id: string; itemParams: readonly (string | null)[] | null }>(
        {
          name: 'item-params',
          text: `select j.id, i.item_params as "itemParams" from job j join job_input i on i.id = j.input_id
            where j.id = any($1) and not ${PARAMS_OF_BATCH}`,
        },
        [uuids(jobIds)],
      );
      const found = new Map(rows.map(({ id, itemParams }) => [id, itemParams]));
      return jobIds.map(
        (id) => found.get(id)?.map((item): unknown => (item === null ? null : JSON.parse(item))) ?? null,
      );
    },
    async attempts(jobIds) {
      const rows = await attempts.find({
        where: { jobId: In(uuids(jobIds)) },
        order: { jobId: 'ASC', number: 'DESC' },
        take: jobIds.length * 100,
      });
      const byJob = Map.groupBy(rows, (row) => row.jobId);
      return jobIds.map((id) => (byJob.get(id) ?? []).slice(0, 100));
    },
    async paramsOfItems(keys) {
      const rows = await query<{ readonly at: number; readonly params: unknown }>(
        {
          name: 'params-of-items',
          text: `select k.at::int as "at", (i.item_params ->> k.index)::json as params
            from unnest($1::uuid[], $2::int[]) with ordinality as k(job_id, index, at)
              join job j on j.id = k.job_id join job_input i on i.id = j.input_id`,
        },
        [keys.map((key) => key.jobId), keys.map((key) => key.index)],
      );
      const found = new Map(rows.map((row) => [row.at, row.params]));
      return keys.map((_, at) => found.get(at + 1) ?? null);
    },
    async attemptsOfItems(keys) {
      const rows = await query<AttemptView & { readonly at: number }>(
        {
          name: 'attempts-of-items',
          text: `select k.at::int as "at", ${selectList(AttemptTable, 'a')}
            from unnest($1::uuid[], $2::int[]) with ordinality as k(job_id, index, at) cross join lateral (
              select * from attempt x where x.job_id = k.job_id and k.index = any(x.items) order by x.number desc limit 20) a
            order by k.at, a.number desc`,
        },
        [keys.map((key) => key.jobId), keys.map((key) => key.index)],
      );
      const byItem = Map.groupBy(rows, (row) => row.at);
      return keys.map((_, at) => byItem.get(at + 1) ?? []);
    },
    async retries(jobIds) {
      const rows = await jobs.find({
        where: { retryOf: In(uuids(jobIds)) },
        order: { submittedAt: 'ASC' },
        take: jobIds.length * 100,
      });
      const byJob = Map.groupBy(rows, (row) => row.retryOf as string);
      return jobIds.map((id) => (byJob.get(id) ?? []).map(jobOf));
    },
    async attemptsByKeys(actor, keys) {
      const visible = await visibleJobIds(
        actor,
        keys.map((key) => key.jobId),
      );
      const wanted = keys.filter((key) => visible.has(key.jobId));
      const rows: AttemptView[] =
        wanted.length === 0
          ? []
          : await attempts.findBy(wanted.map((key) => ({ jobId: key.jobId, number: key.number })));
      const found = new Map(rows.map((row) => [`${row.jobId}:${row.number}`, row]));
      return keys.map((key) => found.get(`${key.jobId}:${key.number}`));
    },
    async itemsByKeys(actor, keys) {
      const visible = await visibleJobIds(
        actor,
        keys.map((key) => key.jobId),
      );
      const wanted = keys.filter((key) => visible.has(key.jobId));
      const rows =
        wanted.length === 0
          ? []
          : await items.findBy(wanted.map((key) => ({ jobId: key.jobId, index: key.index })));
      const found = new Map(
        (await withCarried(rows.map(itemOf))).map((row) => [`${row.jobId}:${row.index}`, row]),
      );
      return keys.map((key) => found.get(`${key.jobId}:${key.index}`));
    },
  };
}
