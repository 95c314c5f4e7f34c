import type { Queryable } from '@weft/database';
import type { GivenDocument } from '../application/ports.js';
import type { ProvenanceRecord, RecordReader } from '../application/record-reader.js';
import { MOST_STATEMENTS } from '../domain/exported-lineage.js';
import { turnedId } from '../domain/job-record.js';
import { keyAfter } from './cursor.js';
import {
  COUNTED,
  JOB_RECORDS,
  JOBS_OF_NODES,
  JOBS_OF_ORGANIZATION,
  readableJob,
  recordOfRow,
} from './job-records.js';
import { isUuid } from './public-id.js';

/** A record as one row; `r` is its table. What it says of nodes that the reader may not read is not counted, as it is not told. */
export const recordColumns = (
  principals: string,
): string => `r.id as key, r.public_id as id, r.organization_id as "organizationId", r.kind, r.name, r.lodged_by as "lodgedBy",
  r.lodged_at as "lodgedAt", r.job_id as "jobId", r.bundle_iri as bundle,
  (select public_id from record where id = r.parent) as "parentId",
  case when r.withdrawn_at is not null
    then json_build_object('at', r.withdrawn_at, 'by', r.withdrawn_by, 'reason', r.withdrawal_reason) end as withdrawn,
  coalesce(r.statements, (
    select count(*)::integer from record_edge said
    join node src on src.id = said.src and src.readers && ${principals}::uuid[]
    join node dst on dst.id = said.dst and dst.readers && ${principals}::uuid[]
    where said.record = r.id)) as "statementCount"`;

const RECORDS = `select ${recordColumns('$2')} from record r where r.public_id = any ($1::uuid[]) and r.readers && $2::uuid[]`;

/** Parameters: principals, key of the last one seen or null, limit. */
const page = (condition: string, from = 'record r', key = 'r.id'): string => `
  select ${recordColumns('$1')} from ${from}
  where ${condition} and r.readers && $1::uuid[]
    and ($2::bigint is null or -${key} > -$2)
  order by -${key} limit $3`;

const OF_ORGANIZATION = page('r.organization_id = $4');

const ofEach = (text: string): string => `
  select origin.key as origin, listed.*
  from unnest($4::bigint[]) as origin (key)
  cross join lateral (${text}) listed
  order by origin.key, listed.key desc`;

const OF_NODES = ofEach(
  page('rn.node = origin.key', 'record_node rn join record r on r.id = rn.record', 'rn.record'),
);
const OF_PARENTS = ofEach(page('r.parent = origin.key'));

const AFTER_JOB = `select j.id as key from node j where j.public_id = $1 and ${readableJob('$2')}`;

const DOCUMENT = `
  select convert_from(coalesce(whole.document, r.document), 'UTF8') as text, coalesce(whole.notation, r.notation) as notation,
    r.bundle_iri as bundle
  from record r left join record whole on whole.id = r.parent
  where r.public_id = $1 and r.readers && $2::uuid[] and r.kind = 'IMPORT'`;

/** Where a list goes on; null: from the beginning of that part. */
interface Place {
  /** Undefined: all that was lodged has been seen. */
  readonly lodged: number | null | undefined;
  readonly jobs: number | null;
}

const BEGINNING: Place = { lodged: null, jobs: null };

export const recordReader = (database: Queryable): RecordReader => {
  const placeOf = async (principals: readonly string[], after: string | undefined): Promise<Place> => {
    if (after === undefined) return BEGINNING;
    const [job] = await database.query<{ key: number }>({ name: 'after-record-of-job', text: AFTER_JOB }, [
      turnedId(after),
      principals,
    ]);
    if (job !== undefined) return { lodged: undefined, jobs: job.key };
    return { lodged: await keyAfter(database, 'record', principals, after), jobs: null };
  };
  const byOrigin = async (name: string, text: string, values: readonly unknown[]) => {
    const rows = await database.query<ProvenanceRecord & { readonly origin: number }>({ name, text }, values);
    return Map.groupBy(rows.map(recordOfRow), ({ origin }) => origin) as Map<number, ProvenanceRecord[]>;
  };
  return {
    async records({ principals }, ids) {
      const wanted = ids.filter(isUuid);
      const lodged = await database.query<ProvenanceRecord>({ name: 'records', text: RECORDS }, [
        wanted,
        principals,
      ]);
      const found = new Set(lodged.map(({ id }) => id));
      const others = wanted.map((id) => id.toLowerCase()).filter((id) => !found.has(id));
      if (others.length === 0) return lodged;
      const jobs = await database.query<ProvenanceRecord>({ name: 'records-of-jobs', text: JOB_RECORDS }, [
        others.map(turnedId),
        principals,
      ]);
      return [...lodged, ...jobs.map(recordOfRow)];
    },
    async ofOrganization({ principals }, organizationId, { first, after }) {
      if (!isUuid(organizationId)) return [];
      const { lodged, jobs } = await placeOf(principals, after);
      const page = async (name: string, text: string, last: number | null, limit: number) =>
        limit <= 0
          ? []
          : database.query<ProvenanceRecord>({ name, text }, [principals, last, limit, organizationId]);
      const some =
        lodged === undefined ? [] : await page('records-of-organization', OF_ORGANIZATION, lodged, first + 1);
      const more = await page('jobs-of-organization', JOBS_OF_ORGANIZATION, jobs, first + 1 - some.length);
      return [...some, ...more.map(recordOfRow)];
    },
    ofNodes: async ({ principals, organizations }, keys, { first, after }) => {
      const { lodged, jobs } = await placeOf(principals, after);
      const some =
        lodged === undefined
          ? new Map<number, ProvenanceRecord[]>()
          : await byOrigin('records-of-nodes', OF_NODES, [principals, lodged, first + 1, keys]);
      const rest = keys.filter((key) => (some.get(key)?.length ?? 0) <= first);
      if (rest.length === 0) return some;
      const more = await byOrigin('jobs-of-nodes', JOBS_OF_NODES, [
        ...[principals, jobs, first + 1, rest, organizations],
      ]);
      return new Map(
        keys.map((key) => [key, [...(some.get(key) ?? []), ...(more.get(key) ?? [])].slice(0, first + 1)]),
      );
    },
    ofParents: async ({ principals }, keys, { first, after }) => {
      const last = await keyAfter(database, 'record', principals, after);
      return byOrigin('records-of-parents', OF_PARENTS, [principals, last, first + 1, keys]);
    },
    async statementsOfJobs({ principals }, keys) {
      const rows = await database.query<{ key: number; count: number }>(
        { name: 'statements-of-jobs', text: COUNTED },
        [keys, principals, MOST_STATEMENTS],
      );
      return new Map(rows.map(({ key, count }) => [key, count]));
    },
    async document({ principals }, id) {
      const [row] = await database.query<GivenDocument>({ name: 'record-document', text: DOCUMENT }, [
        id,
        principals,
      ]);
      return row;
    },
  };
};
