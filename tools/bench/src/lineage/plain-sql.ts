// The same answer in plain SQL, in the ways that people write it. Each gives the first hundred nodes by hop and key, how many there are, and how
// many hidden nodes it went through; a stretch of hidden ones is one hop.
import type { ClientBase } from 'pg';

export interface Shape {
  readonly name: string;
  /** Parameters: key of the start, principals, depth or null, page. */
  readonly text: string;
}

type Direction = 'UPSTREAM' | 'DOWNSTREAM';

const columns = (direction: Direction): readonly ['src' | 'dst', 'src' | 'dst'] =>
  direction === 'UPSTREAM' ? ['src', 'dst'] : ['dst', 'src'];

const page = (reach: string): string => `
  select n.id, n.public_id, n.kind, n.subtype, n.organization_id, n.registered, n.revision, n.name, n.facts, n.created_at, page.hop, page.total
  from (select key, hop, count(*) over () as total from (${reach}) reach order by hop, key desc limit $4) page
  join node n on n.id = page.key
  order by page.hop, page.key desc`;

const recursive = (direction: Direction): string => {
  const [from, to] = columns(direction);
  return `with recursive walk (key, hidden, hop) as (
    select $1::bigint, false, 0
    union
    select edge.${to}, not n.readers && $2::uuid[],
      walk.hop + case when walk.hidden and not n.readers && $2::uuid[] then 0 else 1 end
    from walk
    join edge on edge.${from} = walk.key
    join node n on n.id = edge.${to}
    where $3::int is null or walk.hop + case when walk.hidden and not n.readers && $2::uuid[] then 0 else 1 end <= $3
  )
  ${page(`select key, min(hop) as hop from walk where not hidden and hop > 0 group by key`)}`;
};

/** A frontier that is an array, and a list of what was seen: as a constant of every statement (planned anew), or as a table. */
const FUNCTIONS = (['UPSTREAM', 'DOWNSTREAM'] as const).flatMap((direction) => {
  const [from, to] = columns(direction);
  const name = direction.toLowerCase();
  return [
    `create or replace function reach_by_arrays_${name}(start bigint, principals uuid[], depth int)
     returns table (key bigint, hop int) language plpgsql set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
     declare
       seen bigint[] := array[start]; visible bigint[] := array[start]; hidden bigint[] := '{}'; found bigint[];
       inside bigint[]; near bigint[]; steps int := 0;
     begin
       while cardinality(visible) + cardinality(hidden) > 0 and (depth is null or steps <= depth) loop
         near := '{}';
         inside := hidden;
         while cardinality(inside) > 0 loop
           select coalesce(array_agg(distinct ${to}), '{}') into found from edge where ${from} = any (inside) and ${to} <> all (seen);
           select coalesce(array_agg(id) filter (where not readers && principals), '{}'),
             near || coalesce(array_agg(id) filter (where readers && principals), '{}')
             into inside, near from node where id = any (found);
           seen := seen || found;
         end loop;
         if steps > 0 then return query select unnest(visible), steps; end if;
         select coalesce(array_agg(distinct ${to}), '{}') into found from edge where ${from} = any (visible) and ${to} <> all (seen);
         seen := seen || found;
         select near || coalesce(array_agg(id) filter (where readers && principals), '{}'),
           coalesce(array_agg(id) filter (where not readers && principals), '{}')
           into visible, hidden from node where id = any (found);
         steps := steps + 1;
       end loop;
     end $$`,
    `create or replace function reach_by_table_${name}(start bigint, principals uuid[], depth int)
     returns table (key bigint, hop int) language plpgsql set enable_seqscan = off as $$
     declare
       visible bigint[] := array[start]; hidden bigint[] := '{}'; inside bigint[]; near bigint[]; steps int := 0;
     begin
       create temp table if not exists seen (key bigint primary key) on commit delete rows;
       delete from seen;
       insert into seen values (start);
       while cardinality(visible) + cardinality(hidden) > 0 and (depth is null or steps <= depth) loop
         near := '{}';
         inside := hidden;
         while cardinality(inside) > 0 loop
           with found as (insert into seen select distinct ${to} from edge where ${from} = any (inside) on conflict do nothing returning seen.key)
           select coalesce(array_agg(id) filter (where not readers && principals), '{}'),
             near || coalesce(array_agg(id) filter (where readers && principals), '{}')
             into inside, near from found join node on id = found.key;
         end loop;
         if steps > 0 then return query select unnest(visible), steps; end if;
         with found as (insert into seen select distinct ${to} from edge where ${from} = any (visible) on conflict do nothing returning seen.key)
         select near || coalesce(array_agg(id) filter (where readers && principals), '{}'),
           coalesce(array_agg(id) filter (where not readers && principals), '{}')
           into visible, hidden from found join node on id = found.key;
         steps := steps + 1;
       end loop;
     end $$`,
  ];
});

export async function createFunctions(client: ClientBase): Promise<void> {
  for (const text of FUNCTIONS) await client.query(text);
}

export const shapes = (direction: Direction): readonly Shape[] => [
  { name: 'recursive by key and hop', text: recursive(direction) },
  ...['arrays', 'table'].map((kind) => ({
    name: `frontier by ${kind}`,
    text: page(`select key, hop from reach_by_${kind}_${direction.toLowerCase()}($1, $2, $3)`),
  })),
];
