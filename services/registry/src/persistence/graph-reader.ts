import type { Queryable, Statement } from '@weft/database';
import type { GraphReader } from '../application/exchange-ports.js';
import { rolesOf, type ItemAccess } from '../domain/access.js';
import type {
  HeldFile,
  KnownEdge,
  KnownNode,
  KnownRecord,
  RecordedEdge,
} from '../domain/exported-lineage.js';
import { identity } from '../domain/statement.js';
import { recordIdOfJob, turnedId } from '../domain/job-record.js';
import type { Viewer } from '../application/ports.js';
import type { ProvenanceRecord } from '../application/record-reader.js';
import {
  FOLLOWING,
  JOB_COLUMNS,
  jobsSaying,
  PLAN,
  readableJob,
  recordOfRow,
  saidByJob,
} from './job-records.js';
import { readableJobs } from './node-store.js';
import { grantsOf } from './item-rows.js';
import { NODE_COLUMNS, nodeOfRow, type NodeRow } from './node-table.js';
import { isUuid, publicId } from './public-id.js';

interface KnownRow extends NodeRow {
  readonly pid: string | null;
  readonly during: KnownNode['during'];
}

const nodes = (condition: string): string => `
  select ${NODE_COLUMNS}, i.pid, json_build_object('start', i.metadata ->> 'startTime', 'end', i.metadata ->> 'endTime') as during
  from node n left join item i on i.node = n.id
  where ${condition} and n.readers && $2::uuid[]`;

const NODES: Statement = { name: 'export-nodes', text: nodes('n.id = any ($1::bigint[])') };
const NODES_BY_ID: Statement = { name: 'export-nodes-by-id', text: nodes('n.public_id = any ($1::uuid[])') };

// Of what is withdrawn the file is offered to nobody (ADR 38).
const FILES: Statement = {
  name: 'export-files',
  text: `select n.id as key, n.organization_id as "organizationId", i.owner_id as "ownerId", ${grantsOf('i.node')} as grants,
      d.artifact_id as "artifactId", d.size as bytes, d.sha256
    from item_data d join item i on i.node = d.node join node n on n.id = d.node
    where d.node = any ($1::bigint[]) and d.artifact_id is not null and i.withdrawn_at is null and n.readers && $2::uuid[]`,
};

const EDGES: Statement = {
  name: 'export-edges',
  text: `select src as "from", dst as "to", relation, role from edge
    where src = any ($1::bigint[]) and dst = any ($1::bigint[])
    order by src, dst, relation, role limit $2`,
};

const RECORDED_COLUMNS = `e.src as "from", e.dst as "to", e.relation, e.role, e.detail, r.public_id as "recordId"`;

const FACTS_OF_JOB = `e.src as "from", e.dst as "to", e.relation, e.role, j.public_id as activity,
  case e.relation when 'USED' then j.facts ->> 'startedAt' when 'WAS_GENERATED_BY' then j.facts ->> 'endedAt' end as time,
  case when e.relation = 'WAS_ASSOCIATED_WITH' and e.role in (${FOLLOWING}) then ${PLAN} end as plan`;

const OF_JOBS: Statement = {
  name: 'export-of-jobs',
  text: `select ${FACTS_OF_JOB} from edge e cross join lateral ${jobsSaying('$2')}
    where e.src = any ($1::bigint[]) and e.dst = any ($1::bigint[])
    order by e.src, e.dst, e.relation, e.role, j.id limit $3`,
};

const OF_JOB: Statement = {
  name: 'export-of-job',
  text: `select ${FACTS_OF_JOB} from node j cross join lateral ${saidByJob('$2')}
    where j.public_id = $1 and ${readableJob('$2')}
    order by e.src, e.dst, e.relation, e.role limit $3`,
};

const JOBS: Statement = {
  name: 'export-records-of-jobs',
  text: `select ${JOB_COLUMNS} from node j where j.public_id = any ($1::uuid[]) and ${readableJob('$2')} order by j.id`,
};

const RECORDED: Statement = {
  name: 'export-recorded',
  text: `select ${RECORDED_COLUMNS} from record_edge e join record r on r.id = e.record
    where e.src = any ($1::bigint[]) and e.dst = any ($1::bigint[]) and r.readers && $2::uuid[]
    order by e.src, e.dst, e.relation, e.role, e.record limit $3`,
};

const OF_RECORD: Statement = {
  name: 'export-of-record',
  text: `select ${RECORDED_COLUMNS} from record r
    join record_edge e on e.record = r.id
    join node src on src.id = e.src and src.readers && $2::uuid[]
    join node dst on dst.id = e.dst and dst.readers && $2::uuid[]
    where r.public_id = $1 and r.readers && $2::uuid[]
    order by e.src, e.dst, e.relation, e.role limit $3`,
};

const RECORDS: Statement = {
  name: 'export-records',
  text: `select public_id as id, name, lodged_at as "lodgedAt", job_id as "jobId", organization_id as "organizationId",
      lodged_by as "lodgedBy"
    from record where public_id = any ($1::uuid[]) and readers && $2::uuid[] order by id`,
};

const ACTIVITY: Statement = {
  name: 'export-activity',
  text: `select id as key from node
    where public_id = $1 and kind = 'ACTIVITY' and readers && $2::uuid[] and case subtype
      when 'JOB' then revision > 0
      when 'MODEL_RUN' then exists (select from model_run m where m.node = node.id and m.lodged is not null and not m.removed)
      else false end`,
};

// A successor takes the place of the job that it repeats, in the same workflow.
const STEPS: Statement = {
  name: 'export-steps',
  text: `select n.id as key from node n
    where n.subtype = 'JOB' and n.facts ->> 'workflowId' = $1 and n.revision > 0 and n.readers && $2::uuid[]
      and not exists (select from node r where r.subtype = 'JOB' and r.facts ->> 'workflowId' = $1
        and r.facts ->> 'retryOf' = n.facts ->> 'jobId' and r.readers && $2::uuid[])
    order by n.id`,
};

interface EdgeOfJob extends KnownEdge {
  /** Public ids. */
  readonly activity: string;
  readonly plan: string | null;
  readonly time: string | null;
}

const recordedOfJob = ({ activity, plan, time, ...edge }: EdgeOfJob): RecordedEdge => ({
  ...edge,
  recordId: recordIdOfJob(activity),
  detail: { ...(time === null ? {} : { time }), ...(plan === null ? {} : { plan }) },
});

type RecordRow = Omit<KnownRecord, 'agentId'> & {
  readonly organizationId: string;
  readonly lodgedBy: string;
};

const known = ({ pid, during, ...row }: KnownRow): KnownNode => ({ ...nodeOfRow(row), pid, during });

/** Which job made something is told to those who may read of the job. */
async function knownTo(database: Queryable, viewer: Viewer, rows: readonly KnownRow[]): Promise<KnownNode[]> {
  const jobs = [...new Set(rows.flatMap(({ facts }) => facts.jobId ?? []))];
  const readable = await readableJobs(database, viewer, jobs);
  return rows.map((row) => {
    const { jobId, itemIndex: _itemIndex, ...facts } = row.facts;
    return known(jobId === undefined || readable.has(jobId) ? row : { ...row, facts });
  });
}

/** What documents that leave the registry are made from. */
export const graphReader = (database: Queryable): GraphReader => ({
  nodes: async (viewer, keys) =>
    knownTo(database, viewer, await database.query<KnownRow>(NODES, [keys, viewer.principals])),
  nodesById: async (viewer, ids) =>
    knownTo(
      database,
      viewer,
      await database.query<KnownRow>(NODES_BY_ID, [ids.filter(isUuid), viewer.principals]),
    ),
  async files({ principals }, keys) {
    if (keys.length === 0) return new Map();
    const rows = await database.query<ItemAccess & HeldFile & { key: number }>(FILES, [keys, principals]);
    const open = rows.filter((row) => rolesOf(principals, row).has('DATA_READ'));
    return new Map(open.map(({ key, artifactId, bytes, sha256 }) => [key, { artifactId, bytes, sha256 }]));
  },
  edges: (keys, limit) => database.query<KnownEdge>(EDGES, [keys, limit]),
  async recorded({ principals }, keys, limit) {
    const lodged = await database.query<RecordedEdge>(RECORDED, [keys, principals, limit]);
    const ofJobs = await database.query<EdgeOfJob>(OF_JOBS, [keys, principals, limit]);
    return [...lodged, ...ofJobs.map(recordedOfJob)].slice(0, limit);
  },
  async ofRecord({ principals }, id, limit) {
    const lodged = await database.query<RecordedEdge>(OF_RECORD, [id, principals, limit]);
    if (lodged.length > 0) return lodged;
    const ofJob = await database.query<EdgeOfJob>(OF_JOB, [turnedId(id), principals, limit]);
    return ofJob.map(recordedOfJob);
  },
  async records({ principals }, ids) {
    const rows = await database.query<RecordRow>(RECORDS, [ids, principals]);
    const jobs = await database.query<ProvenanceRecord>(JOBS, [ids.map(turnedId), principals]);
    return [
      ...rows.map(({ organizationId, lodgedBy, ...record }) => ({
        ...record,
        agentId: publicId(identity.user(organizationId, lodgedBy)),
      })),
      // The platform wrote it down itself when the job ended: nobody lodged it.
      ...jobs
        .map(recordOfRow)
        .map(({ id, name, lodgedAt }) => ({ id, name, lodgedAt, jobId: null, agentId: null })),
    ];
  },
  async activityOf({ principals }, of) {
    const id = 'jobId' in of ? publicId(identity.job(of.jobId)) : of.activityId;
    if (!isUuid(id)) return undefined;
    const [row] = await database.query<{ key: number }>(ACTIVITY, [id, principals]);
    return row?.key;
  },
  stepsOf: async ({ principals }, workflowId) =>
    (await database.query<{ key: number }>(STEPS, [workflowId.toLowerCase(), principals])).map(
      ({ key }) => key,
    ),
});
