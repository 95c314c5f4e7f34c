import type { Queryable, Statement } from '@weft/database';
import type { LineageSource, Reach } from '../application/exchange-ports.js';
import type { Viewer } from '../application/ports.js';
import type { Direction } from '../domain/lineage.js';
import { isUuid } from './public-id.js';

const START: Statement = {
  name: 'export-start',
  text: `select n.id as key from node n
    where n.id = coalesce((select id from node where public_id = $1::uuid), (select node from item where pid = $2))
      and n.readers && $3::uuid[]`,
};

// A level of the walk; parameters: keys, principals, limit, and downstream the organizations whose word counts: what others
// did with what everybody uses costs nothing (ADR 11).
const UPSTREAM: Statement = {
  name: 'export-upstream',
  text: `select distinct edge.dst as key from edge join node n on n.id = edge.dst
    where edge.src = any ($1::bigint[]) and n.readers && $2::uuid[] limit $3`,
};
const DOWNSTREAM: Statement = {
  name: 'export-downstream',
  text: `select distinct edge.src as key from edge join node n on n.id = edge.src
    where edge.dst = any ($1::bigint[]) and edge.organization_id = any ($4::uuid[]) and n.readers && $2::uuid[] limit $3`,
};

/** A walk over what the viewer may read, level by level. */
export const lineageSource = (database: Queryable): LineageSource => ({
  async start({ principals }, reference) {
    const id = isUuid(reference) ? reference : null;
    const pid = id === null ? reference.replaceAll('\0', '') : null;
    const [row] = await database.query<{ key: number }>(START, [id, pid, principals]);
    return row?.key;
  },
  async reach(viewer, start, direction, depth, most) {
    const seen = new Set([start]);
    const ways: readonly Direction[] = direction === 'BOTH' ? ['UPSTREAM', 'DOWNSTREAM'] : [direction];
    let truncated = false;
    for (const way of ways)
      truncated = !(await walk(database, viewer, start, way, depth, most, seen)) || truncated;
    return { keys: [...seen], truncated } satisfies Reach;
  },
});

/** False: there is more than may be walked. */
async function walk(
  database: Queryable,
  { principals, organizations }: Viewer,
  start: number,
  way: Direction,
  depth: number,
  most: number,
  seen: Set<number>,
): Promise<boolean> {
  const walked = new Set([start]);
  let level = [start];
  for (let hop = 0; hop < depth && level.length > 0; hop++) {
    const rows = await database.query<{ key: number }>(way === 'UPSTREAM' ? UPSTREAM : DOWNSTREAM, [
      level,
      principals,
      most + 1,
      ...(way === 'UPSTREAM' ? [] : [organizations]),
    ]);
    level = rows.map(({ key }) => key).filter((key) => !walked.has(key));
    for (const key of level) {
      if (seen.size >= most && !seen.has(key)) return false;
      walked.add(key);
      seen.add(key);
    }
    if (rows.length > most) return false;
  }
  return true;
}
