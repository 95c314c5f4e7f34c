import type { Queryable } from '@weft/database';
import type { GivenDocument } from '../application/ports.js';
import type { ProvenanceRecord, RecordReader } from '../application/record-reader.js';
import { keyAfter } from './cursor.js';
import { isUuid } from './public-id.js';

/** A record as one row; `r` is its table. What it says of nodes that the reader may not read is not counted, as it is not told. */
export const recordColumns = (
  principals: string,
): string => `r.id as key, r.public_id as id, r.organization_id as "organizationId", r.kind, r.name, r.lodged_by as "lodgedBy",
  r.lodged_at as "lodgedAt", r.job_id as "jobId", r.bundle_iri as bundle,
  (select public_id from record where id = r.parent) as "parentId",
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

const DOCUMENT = `
  select convert_from(coalesce(whole.document, r.document), 'UTF8') as text, coalesce(whole.notation, r.notation) as notation,
    r.bundle_iri as bundle
  from record r left join record whole on whole.id = r.parent
  where r.public_id = $1 and r.readers && $2::uuid[] and r.kind = 'IMPORT'`;

export const recordReader = (database: Queryable): RecordReader => {
  const byOrigin = async (name: string, text: string, values: readonly unknown[]) => {
    const rows = await database.query<ProvenanceRecord & { readonly origin: number }>({ name, text }, values);
    return Map.groupBy(rows, ({ origin }) => origin) as Map<number, ProvenanceRecord[]>;
  };
  return {
    records: ({ principals }, ids) =>
      database.query<ProvenanceRecord>({ name: 'records', text: RECORDS }, [ids.filter(isUuid), principals]),
    async ofOrganization({ principals }, organizationId, { first, after }) {
      if (!isUuid(organizationId)) return [];
      return database.query<ProvenanceRecord>({ name: 'records-of-organization', text: OF_ORGANIZATION }, [
        principals,
        await keyAfter(database, 'record', principals, after),
        first + 1,
        organizationId,
      ]);
    },
    ofNodes: async ({ principals }, keys, { first, after }) => {
      const last = await keyAfter(database, 'record', principals, after);
      return byOrigin('records-of-nodes', OF_NODES, [principals, last, first + 1, keys]);
    },
    ofParents: async ({ principals }, keys, { first, after }) => {
      const last = await keyAfter(database, 'record', principals, after);
      return byOrigin('records-of-parents', OF_PARENTS, [principals, last, first + 1, keys]);
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
