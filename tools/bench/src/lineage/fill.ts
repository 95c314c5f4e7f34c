import { createHash } from 'node:crypto';
import type pg from 'pg';

export const LAYERS = 40;
export const NODES_OF_A_LAYER = 25_000;
export const PROJECTS = 100;
const NODES = LAYERS * NODES_OF_A_LAYER;
const OF_A_PROJECT = NODES_OF_A_LAYER / PROJECTS;
/** Projects belong to one of so many organizations; the bench reads as a member of the first. */
const ORGANIZATIONS = 2;
/** One node in so many is for nobody else in its organization. */
const PRIVATE_EVERY = 20;
/** Share of parents in the layer before; the others skip two to four layers. */
const NEXT = 0.85;

export const organizationOf = (project: number): string =>
  `0a000000-0000-4000-8000-00000000000${project % ORGANIZATIONS}`;

/** Key of a node by its layer, its project and its number there: as they would be registered, layer after layer. */
export const keyOf = (layer: number, project: number, number: number): number =>
  layer * NODES_OF_A_LAYER + project * OF_A_PROJECT + number + 1;

export const publicIdOf = (key: number): string => {
  const hex = createHash('md5').update(`node ${key}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** A million nodes and two million edges, always the same. Constraints come back when the rows are in: checked row by row they take minutes. */
export async function fill(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ drop: string; add: string }>(`
    select format('alter table %I drop constraint %I cascade', conrelid::regclass, conname) as drop,
      format('alter table %I add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
    from pg_constraint
    where conrelid in ('node'::regclass, 'edge'::regclass) and contype in ('p', 'f') or confrelid = 'node'::regclass
      or confrelid = 'edge'::regclass
    order by contype = 'f' desc`);
  const { rows: indexes } = await client.query<{ drop: string; add: string }>(`
    select format('drop index %I', indexrelid::regclass) as drop, pg_get_indexdef(indexrelid) as add
    from pg_index where indrelid in ('node'::regclass, 'edge'::regclass)
      and not exists (select from pg_constraint where conindid = indexrelid)`);
  for (const { drop } of [...rows, ...indexes]) await client.query(drop);

  const organization = `('${organizationOf(0).slice(0, -1)}' || (place / ${OF_A_PROJECT}) % ${ORGANIZATIONS})::uuid`;
  await client.query(`
    insert into node (id, public_id, kind, subtype, organization_id, revision, name, facts, readers, search)
    overriding system value
    select key, md5('node ' || key)::uuid, case layer % 2 when 0 then 'ENTITY' else 'ACTIVITY' end,
      case layer % 2 when 0 then 'DATA' else 'JOB' end, ${organization}, 1, 'value sha256:' || left(md5(key::text), 12),
      jsonb_build_object('sha256', md5(key::text) || md5(place::text)),
      array[case when key % ${PRIVATE_EVERY} = 0 then md5('owner')::uuid else ${organization} end], ''
    from (select n + 1 as key, n / ${NODES_OF_A_LAYER} as layer, n % ${NODES_OF_A_LAYER} as place
      from generate_series(0, ${NODES - 1}) n) node`);
  await client.query('select setseed(0.5)');
  await client.query(`
    insert into edge (src, dst, relation, role, organization_id)
    select distinct src, layer_of_dst * ${NODES_OF_A_LAYER} + place / ${OF_A_PROJECT} * ${OF_A_PROJECT} + spot + 1, relation, '', organization
    from (
      select n + 1 as src, place, spot, case layer % 2 when 0 then 'WAS_GENERATED_BY' else 'USED' end as relation, ${organization} as organization,
        layer - least(layer, case when chance < ${NEXT} then 1 else 2 + floor((chance - ${NEXT}) / ${1 - NEXT} * 3)::int end) as layer_of_dst
      from (
        select n, n / ${NODES_OF_A_LAYER} as layer, n % ${NODES_OF_A_LAYER} as place, random() as chance,
          floor(random() * ${OF_A_PROJECT})::int as spot
        from generate_series(${NODES_OF_A_LAYER}, ${NODES - 1}) n cross join generate_series(1, 2)
      ) drawn
    ) edge`);
  for (const { add } of [...rows].reverse()) await client.query(add);
  for (const { add } of indexes) if (!add.includes('edge_one_generation')) await client.query(add);
  await client.query('vacuum (analyze) node');
  await client.query('vacuum (analyze) edge');
}
