import type { Database } from '@weft/database';
import {
  lineageDocument,
  violationsOf,
  type LineageEdge,
  type LineageNode,
  type Violation,
} from '@weft/prov';

const BASE = 'urn:weft:';
const namespaces = { prefixes: new Map([['w', BASE]]), fallback: undefined };

/** Everything that the registry holds as one document of PROV, judged. For tests. */
export async function heldViolations(database: Database): Promise<readonly Violation[]> {
  const nodes = await database.query<{
    id: string;
    kind: LineageNode['kind'];
    name: string;
    facts: { startedAt?: string; endedAt?: string };
  }>('select public_id as id, kind, name, facts from node');
  const edges = await database.query<
    Pick<LineageEdge, 'from' | 'relation' | 'to'> & { role: string; detail: { time?: string } | null }
  >(
    `select src.public_id as "from", e.relation, dst.public_id as "to", e.role,
       (select r.detail from record_edge r where (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role) limit 1) as detail
     from edge e join node src on src.id = e.src join node dst on dst.id = e.dst`,
  );
  const iri = (id: string): string => `${BASE}${id}`;
  const document = lineageDocument(
    {
      nodes: nodes.map(({ id, kind, name, facts: { startedAt, endedAt } }) => ({
        ...{ iri: iri(id), kind, name },
        ...(startedAt === undefined ? {} : { startedAt }),
        ...(endedAt === undefined ? {} : { endedAt }),
      })),
      edges: edges.map(({ from, to, relation, role, detail }) => ({
        ...{ from: iri(from), to: iri(to), relation },
        ...(role === '' ? {} : { role }),
        ...(detail?.time === undefined ? {} : { time: detail.time }),
      })),
      records: [],
    },
    namespaces,
    false,
  );
  return violationsOf(document);
}
