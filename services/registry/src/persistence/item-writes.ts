// The statements that write items. One each, so that an item, its node, its history and its readers never disagree.
import type { Statement } from '@weft/database';
import { nameInOrder } from './item-order.js';
import { MENTIONED } from './item-references.js';
import { searchVector } from './item-rows.js';

/** A workflow template is made of what it names: its model and the templates of datasets. So it stands in their lineage. */
const HAS_MEMBERS = (row: string): string => `${row}.subtype = 'MODEL_RUN_WORKFLOW_TEMPLATE'`;

/** @param node the CTE `n` that writes the node. */
const insertItem = (name: string, node: string): Statement => ({
  name,
  text: `
    with told as (
      select * from jsonb_to_record($1::jsonb) as told (
        id uuid, pid text, kind text, subtype text, organization_id uuid, name text, record_type text, schema_version integer,
        metadata jsonb, tags text[], owner_id uuid, created_by uuid, series_id uuid, version integer, version_reason text,
        previous bigint, action text, user_id uuid, reason text, keywords text, description text, rest text, mentions text[])
    ), n as (${node}
      returning node.id, node.subtype, node.created_at
    ), i as (
      insert into item (node, pid, record_type, schema_version, metadata, tags, owner_id, created_by, revision, series_id, version,
        version_reason, previous)
      select n.id, pid, record_type, schema_version, metadata, tags, owner_id, created_by, 1, series_id, version, version_reason,
        previous
      from told, n
      returning node
    ), revision as (
      insert into item_revision (node, revision, action, user_id, reason, name, schema_version, metadata, tags)
      select n.id, 1, action, user_id, reason, name, schema_version, metadata, tags from told, n
    ), grants as (
      insert into item_grant (node, kind, principal_id, roles, expires_at)
      select n.id, kind, principal_id, roles, expires_at
      from n, jsonb_to_recordset($2::jsonb) as given (kind text, principal_id uuid, roles text[], expires_at timestamptz)
    ), readers as (
      insert into item_reader (principal, subtype, node, name, updated_at)
      select principal, n.subtype, n.id, ${nameInOrder('told.name')}, now() from told, n, unnest($3::uuid[]) as reader (principal)
    ), saying as (
      select n.id as node, mentions from told, n
    ), mentioned as (
      insert into item_reference (node, target) ${MENTIONED('saying')} returning node, target
    ), members as (
      insert into edge (src, dst, relation, role, organization_id)
      select m.node, m.target, 'HAD_MEMBER', '', told.organization_id from mentioned m, told where ${HAS_MEMBERS('told')}
    )
    select id, created_at as "createdAt" from n, i`,
});

/** Parameters: the item as JSON, its grants as JSON, its readers. */
export const INSERT_ITEM = insertItem(
  'item-insert',
  `
      insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, registered, search)
      select id, kind, subtype, organization_id, 1, name, '{}', $3::uuid[], true,
        ${searchVector()}
      from told`,
);

/** The same of a node that is there, with what is said of it: facts and edges stay. Also the key of the node. */
export const REGISTER_RECORDED = insertItem(
  'item-register-recorded',
  `
      update node set subtype = told.subtype, name = told.name, readers = $3::uuid[], registered = true,
        updated_at = now(), search = ${searchVector('told.')}
      from told where node.id = $4 and not node.registered`,
);

/** Parameters: the new content as JSON. */
export const EDIT_ITEM: Statement = {
  name: 'item-edit',
  text: `
    with told as (
      select * from jsonb_to_record($1::jsonb) as told (
        key bigint, pid text, name text, record_type text, schema_version integer, metadata jsonb, tags text[], action text,
        user_id uuid, reason text, reverts_to integer, keywords text, description text, rest text, mentions text[])
    ), i as (
      update item set record_type = told.record_type, schema_version = told.schema_version, metadata = told.metadata,
        tags = told.tags, revision = item.revision + 1, seq = item.seq + 1, updated_at = now()
      from told where item.node = told.key
      returning item.node, item.revision
    ), n as (
      update node set name = told.name, revision = i.revision, updated_at = now(),
        search = ${searchVector('told.')}
      from told, i where node.id = i.node
    ), readers as (
      update item_reader r set name = ${nameInOrder('told.name')}, updated_at = now() from told where r.node = told.key
    ), saying as (
      select key as node, mentions from told
    ), mentioned as (
      ${MENTIONED('saying')}
    ), forgotten as (
      delete from item_reference r using told
      where r.node = told.key and r.target not in (select target from mentioned)
    ), remembered as (
      insert into item_reference (node, target) select node, target from mentioned on conflict do nothing
    ), collection as (
      select node.id, node.organization_id from node join told on told.key = node.id where ${HAS_MEMBERS('node')}
    ), members as (
      insert into edge (src, dst, relation, role, organization_id)
      select c.id, m.target, 'HAD_MEMBER', '', c.organization_id from mentioned m, collection c
      on conflict do nothing
    ), members_gone as (
      delete from edge e using collection c
      where e.src = c.id and e.relation = 'HAD_MEMBER' and e.role = '' and e.dst not in (select target from mentioned)
        and not exists (select from record_edge r where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role))
    )
    insert into item_revision (node, revision, action, user_id, reason, reverts_to, name, schema_version, metadata, tags)
    select i.node, i.revision, action, user_id, reason, reverts_to, name, schema_version, metadata, tags from told, i`,
};

/**
 * Parameters: key, organization, owner, grants as JSON, readers, administrators. The activities that made the item, and the records that
 * tell of it, are read by whoever reads the item.
 */
export const SET_ACCESS: Statement = {
  name: 'item-set-access',
  text: `
    with own as (
      select $1::bigint as node
      union select activity from activity_workflow where node = $1 and activity is not null
    ), i as (
      update item set owner_id = $3, seq = seq + 1, updated_at = now() where node in (select node from own)
    ), runs as (
      update model_run set organization_id = $2
      where node = $1 and exists (select from node where id = $1 and organization_id <> $2)
    ), shown as (
      select node from own
      union
      select e.src from edge e join node of_registration on of_registration.id = e.src
      where e.dst = $1 and e.relation = 'SPECIALIZATION_OF' and of_registration.subtype = 'RECORD'
    ), n as (
      update node set organization_id = $2, readers = $5::uuid[],
        updated_at = case when id in (select node from own) then now() else updated_at end
      where id in (select node from shown)
    ), edges as (
      update edge set organization_id = $2 where src in (select node from shown) and organization_id <> $2
    ), records as (
      update record set organization_id = $2, readers = $5::uuid[] where item = $1
    ), requests as (
      update item_access_request set deciders = $6::uuid[] where node = $1
    ), gone_grants as (
      delete from item_grant where node in (select node from own)
        and (node, kind, coalesce(principal_id, '00000000-0000-0000-0000-000000000000'), coalesce(expires_at, 'infinity')) not in (
          select own.node, kind, coalesce(principal_id, '00000000-0000-0000-0000-000000000000'), coalesce(expires_at, 'infinity')
          from own, jsonb_to_recordset($4::jsonb) as given (kind text, principal_id uuid, expires_at timestamptz))
    ), grants as (
      insert into item_grant (node, kind, principal_id, roles, expires_at)
      select own.node, kind, principal_id, roles, expires_at
      from own, jsonb_to_recordset($4::jsonb) as given (kind text, principal_id uuid, roles text[], expires_at timestamptz)
      on conflict on constraint item_grant_once do update set roles = excluded.roles
    ), gone_readers as (
      delete from item_reader where node in (select node from own) and principal <> all ($5::uuid[])
    )
    insert into item_reader (principal, subtype, node, name, updated_at)
    select principal, node.subtype, node.id, ${nameInOrder('node.name')}, now()
    from own join node on node.id = own.node, unnest($5::uuid[]) as reader (principal)
    on conflict (node, principal) do update set updated_at = excluded.updated_at`,
};

// By which lists are ordered: the same as `item.updated_at`.
const CHANGED_NOW = 'update node set updated_at = now() where id = $1';
const CHANGED_FOR_READERS = 'update item_reader set updated_at = now() where node = $1';

export const SET_LOCK: Statement = {
  name: 'item-set-lock',
  text: `
    with i as (
      update item set locked = $2, seq = seq + 1, updated_at = now() where node = $1 returning node
    ), n as (
      ${CHANGED_NOW}
    ), readers as (
      ${CHANGED_FOR_READERS}
    )
    insert into item_lock_event (node, number, action, user_id, reason)
    select node, (select count(*) + 1 from item_lock_event e where e.node = i.node), $3, $4, $5 from i`,
};

export const WITHDRAW: Statement = {
  name: 'item-withdraw',
  text: `
    with n as (
      ${CHANGED_NOW}
    ), readers as (
      ${CHANGED_FOR_READERS}
    )
    update item set withdrawn_at = now(), withdrawn_by = $2, withdrawn_reason = $3, seq = seq + 1, updated_at = now()
    where node = $1`,
};

export const TOUCH: Statement = {
  name: 'item-touch',
  text: 'update item set seq = seq + 1 where node = $1 returning seq',
};
