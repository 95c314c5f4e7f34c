import { activityWorkflowRequested, itemChanged } from '@weft/contracts';
import type { Tx } from '@weft/database';
import { appendToOutbox } from '@weft/outbox';
import type { Edit, ItemRequestKey, ItemWork, KnownItem, NewItem } from '../application/item-ports.js';
import type { Pids } from '../application/pid-ports.js';
import { administratorsOf, readersOf, type Grant } from '../domain/access.js';
import type { AccessRequest } from '../domain/access-request.js';
import { stepsOf, type StepKey } from '../domain/activity-workflow.js';
import type { ItemData } from '../domain/item-data.js';
import { normalizeReference, type ItemRevision, type RegisteredItem } from '../domain/item.js';
import { shortened } from '../domain/text-rules.js';
import { itemDataStore, tellFile } from './item-data.js';
import { lockResult } from './job-result.js';
import { isUuid } from './public-id.js';
import { publishItem } from './published-items.js';
import { personStore } from './person-store.js';
import { keepLodged, onlyRun, twinIn } from './run-rows.js';
import { ITEM_COLUMNS, itemOfRow, type ItemRow } from './item-rows.js';
import {
  EDIT_ITEM,
  INSERT_ITEM,
  REGISTER_RECORDED,
  SET_ACCESS,
  SET_LOCK,
  TOUCH,
  WITHDRAW,
} from './item-writes.js';
import { sayWithdrawn } from './withdrawal.js';

const BY_KEY = `select ${ITEM_COLUMNS} from node n join item i on i.node = n.id
  where n.id = $1 and ($2::uuid[] is null or n.readers && $2::uuid[])`;

// Either is null: what is no uuid is looked for among the pids. Locked first and read then: who waits for the lock must see
// what the one before it wrote, also in other rows.
const LOCK = {
  name: 'item-lock',
  text: `select i.node from item i join node n on n.id = i.node
    where n.id = coalesce((select id from node where public_id = $1), (select node from item where pid = $2))
      and n.readers && $3::uuid[]
    for update of i`,
};

const LOCK_PERSON = {
  name: 'item-lock-person',
  text: `select i.node from person_link l join item i on i.node = l.node join node n on n.id = i.node
    where l.user_id = $1 and $2 in (n.public_id::text, i.pid) for update of i`,
};

// What a workflow made goes with its item, in the same statement.
const LOCK_ENDED = {
  name: 'item-lock-ended-grants',
  text: `select i.node from item_grant g join node n on n.id = g.node join item i on i.node = g.node
    where g.expires_at <= now() and n.subtype not in ('CREATE', 'VERSION')
    order by g.expires_at limit 1 for update of i skip locked`,
};

const KNOWN = {
  name: 'items-known',
  text: `select n.id as key, n.public_id as id, i.pid, n.subtype, i.record_type = 'COMPLETE' as "isComplete",
      i.withdrawn_at is not null as "isWithdrawn"
    from (
      select id from node where public_id = any ($1::uuid[])
      union select node from item where pid = any ($2::text[])
    ) named join node n on n.id = named.id join item i on i.node = n.id
    where n.readers && $3::uuid[]`,
};

const INSERT_WORKFLOW = {
  name: 'workflow-insert',
  text: `
    with made as (
      insert into activity_workflow (id, node, kind, user_id, activity) values ($1, $2, $3, $4, $5)
    )
    insert into activity_workflow_step (workflow_id, key, job_id, state)
    select $1, told.key, told.job_id, 'PENDING' from unnest($6::text[], $7::uuid[]) as told (key, job_id)`,
};

const WORKFLOW_TITLES = {
  CREATE: { title: 'Create', named: 'Create activity of' },
  VERSION: { title: 'Version', named: 'Version activity of' },
  MODEL_RUN: { title: 'Model run', named: 'model run' },
  MODEL_RUN_UPDATE: { title: 'Changed model run', named: 'changed model run' },
} as const;

const STEP_TITLES: Readonly<Record<StepKey, (named: string, pid: string) => string>> = {
  register: (named, pid) => `Register the ${named} ${pid}`,
  lodge: (named, pid) => `Lodge the provenance of the ${named} ${pid}`,
  store: (_, pid) => `Store the result that is ${pid} as a file`,
};

/** What is stored is handed over by the jobs service, as long as the job is there that made it. */
const resultFor = (key: StepKey, data: ItemData | null) =>
  key === 'store' && data?.kind === 'RESULT'
    ? { resultOf: { jobId: data.jobId, itemIndex: data.itemIndex } }
    : {};

export const grantRecords = (grants: readonly Grant[]) =>
  grants.map(({ kind, principalId, roles, expiresAt }) => ({
    ...{ kind, principal_id: principalId, roles, expires_at: expiresAt ?? null },
  }));

/** A new item as it is when it was written. */
export const asInserted = (item: NewItem, key: number, createdAt: Date): RegisteredItem => ({
  ...item,
  ...{ key, createdAt, updatedAt: createdAt, revision: 1, seq: 1 },
  ...{ nextKey: null, locked: false, withdrawn: null },
});

const REVISION_COLUMNS = `revision, action, at, user_id as "userId", reason, reverts_to as "revertsTo", name,
  schema_version as "schemaVersion", metadata, tags`;

export interface StoreSurroundings {
  /** The outbox has rows. */
  readonly wake: () => void;
  readonly pids: Pids;
}

/** The items of one transaction. */
export function itemStore(tx: Tx, { wake, pids }: StoreSurroundings): ItemWork {
  const byKey = async (key: number, principals: readonly string[]): Promise<RegisteredItem | undefined> => {
    const [row] = await tx.query<ItemRow>({ name: 'item-by-key', text: BY_KEY }, [key, principals]);
    return row === undefined ? undefined : itemOfRow(row);
  };
  /** As this transaction has written it. */
  const written = async (key: number): Promise<RegisteredItem> => {
    const [row] = await tx.query<ItemRow>({ name: 'item-by-key', text: BY_KEY }, [key, null]);
    return itemOfRow(row as ItemRow);
  };
  const now = async (): Promise<Date> =>
    ((await tx.query<{ now: Date }>({ name: 'now', text: 'select now()' })) as [{ now: Date }])[0].now;
  const data = itemDataStore(tx);
  return {
    now,
    ...data,
    async insert(item, edit, foundBy, recorded) {
      const values = [
        JSON.stringify({ ...itemRecord(item), ...editRecord(edit), ...foundBy }),
        JSON.stringify(grantRecords(item.grants)),
        readersOf(item),
      ];
      if (recorded !== undefined) {
        const [made] = await tx.query<{ id: number }>(REGISTER_RECORDED, [...values, recorded]);
        const { id: key } = made as { id: number };
        if (item.data !== null) await data.keepData({ key }, item.data);
        return written(key);
      }
      const [row] = await tx.query<{ id: number; createdAt: Date }>(INSERT_ITEM, values);
      const { id: key, createdAt } = row as { id: number; createdAt: Date };
      if (item.data !== null) await data.keepData({ key }, item.data);
      return asInserted(item, key, createdAt);
    },
    async lock(reference, principals) {
      const named = normalizeReference(reference);
      const [id, pid] = isUuid(named) ? [named, null] : [null, named];
      const [row] = await tx.query<{ node: number }>(LOCK, [id, pid, principals]);
      return row === undefined ? undefined : byKey(row.node, principals);
    },
    lockResult: (jobId, itemIndex, principals) => lockResult(tx, jobId, itemIndex, principals),
    async lockOneWithEndedGrants() {
      const [row] = await tx.query<{ node: number }>(LOCK_ENDED);
      return row === undefined ? undefined : written(row.node);
    },
    async revision(key, revision) {
      if (!Number.isInteger(revision) || Math.abs(revision) >= 2 ** 31) return undefined;
      const [row] = await tx.query<ItemRevision>(
        `select ${REVISION_COLUMNS} from item_revision where node = $1 and revision = $2`,
        [key, revision],
      );
      return row;
    },
    known: (references, principals) =>
      tx.query<KnownItem>(KNOWN, [references.filter(isUuid), references, principals]),
    async edit(item, content, edit, foundBy) {
      const { key, pid } = item;
      const told = { key, pid, ...contentRecord(content), ...editRecord(edit), ...foundBy };
      await tx.query(EDIT_ITEM, [JSON.stringify(told)]);
      return written(key);
    },
    async setAccess({ key }, access) {
      const { organizationId, ownerId, grants } = access;
      const values = [key, organizationId, ownerId, JSON.stringify(grantRecords(grants))];
      await onlyRun(tx.query(SET_ACCESS, [...values, readersOf(access), administratorsOf(access)]));
      return written(key);
    },
    twinIn: (organizationId, { key }, principals) => twinIn(tx, organizationId, key, principals),
    keepLodged: ({ key, revision }) => keepLodged(tx, key, revision),
    async setLock({ key }, locked, userId, reason) {
      await tx.query(SET_LOCK, [key, locked, locked ? 'LOCK' : 'UNLOCK', userId, reason]);
      return written(key);
    },
    async withdraw({ key }, { by, reason }) {
      await tx.query(WITHDRAW, [key, by, reason]);
      const withdrawn = await written(key);
      await sayWithdrawn(tx, withdrawn);
      return withdrawn;
    },
    async touch(item) {
      const [row] = await tx.query<{ seq: number }>(TOUCH, [item.key]);
      return { ...item, seq: (row as { seq: number }).seq };
    },
    async moveAlias({ key, seriesId }, alias, userId) {
      await tx.query(
        `insert into item_alias (series_id, alias, node, moved_by) values ($1, $2, $3, $4)
         on conflict (series_id, alias) do update set node = $3, moved_by = $4, moved_at = now()`,
        [seriesId, alias, key, userId],
      );
    },
    async removeAlias({ seriesId }, alias) {
      const gone = await tx.query(
        'delete from item_alias where series_id = $1 and alias = $2 returning 1 as gone',
        [seriesId, alias],
      );
      return gone.length === 1;
    },
    async takeRequestKey({ organizationId, key }: ItemRequestKey) {
      // Requests with the same key come one after the other.
      await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
        `item-request ${organizationId} ${key}`,
      ]);
      const [row] = await tx.query<{ itemId: string; inputHash: string }>(
        `select n.public_id as "itemId", r.input_hash as "inputHash" from item_request r join node n on n.id = r.node
         where r.organization_id = $1 and r.idempotency_key = $2`,
        [organizationId, key],
      );
      return row;
    },
    async keepRequestKey({ organizationId, key, inputHash }, item) {
      await tx.query(
        'insert into item_request (organization_id, idempotency_key, input_hash, node) values ($1, $2, $3, $4)',
        [organizationId, key, inputHash, item.key],
      );
    },
    async insertAccessRequest({ id, itemKey, userId, roles, note, expiresAt, state }, item) {
      const made = await tx.query(
        `insert into item_access_request (id, node, user_id, roles, note, state, deciders, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7::uuid[], $8)
         on conflict (node, user_id) where state = 'PENDING' do nothing returning 1 as made`,
        [id, itemKey, userId, roles, note, state, administratorsOf(item), expiresAt],
      );
      return made.length === 1;
    },
    async lockAccessRequest(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await tx.query<Omit<AccessRequest, 'decision'> & { itemId: string }>(
        `select r.id, r.node as "itemKey", r.user_id as "userId", r.roles, r.note, r.expires_at as "expiresAt", r.state,
           r.requested_at as "requestedAt", n.public_id as "itemId"
         from item_access_request r join node n on n.id = r.node where r.id = $1 for update of r`,
        [id],
      );
      if (row === undefined) return undefined;
      const { itemId, ...request } = row;
      return { itemId, request: { ...request, decision: null } };
    },
    async decideAccessRequest(id, state, by, note) {
      await tx.query(
        `update item_access_request set state = $2, decided_at = now(), decided_by = $3, decision_note = $4 where id = $1`,
        [id, state, by, note],
      );
    },
    ...personStore(tx),
    async lockPersonOf(userId, reference) {
      const named = normalizeReference(reference);
      const [row] = await tx.query<{ node: number }>(LOCK_PERSON, [userId, named]);
      return row === undefined ? undefined : written(row.node);
    },
    async insertWorkflow({ key, kind: nodeKind }, { id, kind, jobIds }, userId) {
      // What is an activity itself is the activity of its workflow.
      const activity = nodeKind === 'ACTIVITY' ? key : null;
      const steps = Object.keys(jobIds);
      await tx.query(INSERT_WORKFLOW, [id, key, kind, userId, activity, steps, Object.values(jobIds)]);
    },
    publishPid: (item) => publishItem(tx, pids, item),
    retirePid: ({ pid }, reason) => pids.retire(tx, [pid], reason),
    async tell(item, change, correlationId) {
      const { id, seq, organizationId, pid, subtype, recordType, revision } = item;
      const news = { itemId: id, seq, organizationId, pid, subtype, recordType, revision, change };
      const at = await now();
      await appendToOutbox(tx, itemChanged, news, at, correlationId);
      await tellFile(tx, item, change, at, correlationId);
      tx.afterCommit(wake);
    },
    async tellWorkflow({ organizationId, name, pid, data: itemData }, workflow, userId, correlationId) {
      const { id: workflowId, kind, jobIds } = workflow;
      const { title, named } = WORKFLOW_TITLES[kind];
      const request = {
        workflowId,
        organizationId,
        createdBy: userId,
        name: shortened(`${title} ${name}`),
        steps: stepsOf(kind).flatMap(({ key, operation, needs }) => {
          const jobId = jobIds[key];
          if (jobId === undefined) return [];
          const step = { jobId, key, name: STEP_TITLES[key](named, pid), operation };
          return { ...step, needs: [...needs], params: { workflowId }, ...resultFor(key, itemData) };
        }),
      };
      await appendToOutbox(tx, activityWorkflowRequested, request, await now(), correlationId);
      tx.afterCommit(wake);
    },
  };
}

const contentRecord = (content: Parameters<ItemWork['edit']>[1]) => ({
  name: content.name,
  record_type: content.recordType,
  schema_version: content.schemaVersion,
  metadata: content.metadata,
  tags: content.tags,
});

const editRecord = ({ action, userId, reason, revertsTo }: Edit) => ({
  action,
  user_id: userId,
  reason,
  reverts_to: revertsTo ?? null,
});

const itemRecord = (item: Parameters<ItemWork['insert']>[0]) => ({
  ...contentRecord(item),
  id: item.id,
  pid: item.pid,
  kind: item.kind,
  subtype: item.subtype,
  organization_id: item.organizationId,
  owner_id: item.ownerId,
  created_by: item.createdBy,
  series_id: item.seriesId,
  version: item.version,
  version_reason: item.versionReason,
  previous: item.previousKey,
});
