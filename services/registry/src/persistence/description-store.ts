import type { Statement, Tx } from '@weft/database';
import type { ProvenanceWriter } from '../application/ports.js';
import type { Description } from '../domain/description.js';
import type { NodeFacts } from '../domain/node.js';
import type { NodeStatement } from '../domain/statement.js';
import { holdNodes } from './turns.js';
import { wordsOf } from './words.js';

const KNOWN: Statement = {
  name: 'descriptions-known',
  text: 'select subject, name, facts from node_description where subject = any($1)',
};

const KEEP: Statement = {
  name: 'descriptions-keep',
  text: `insert into node_description (subject, revision, name, facts)
    select * from jsonb_to_recordset($1::jsonb) as told (subject text, revision int, name text, facts jsonb)
    on conflict (subject) do update set revision = excluded.revision, name = excluded.name, facts = excluded.facts
    where node_description.revision < excluded.revision
    returning subject`,
};

// A name that somebody has told stays; one that was made up by who mentioned the node gives way.
const APPLY: Statement = {
  name: 'descriptions-apply',
  text: `update node set facts = node.facts || d.facts,
      name = case when node.revision = 0 then coalesce(d.name, node.name) else node.name end,
      search = case when node.revision = 0 then ${wordsOf('coalesce(d.name, node.name)')} else node.search end
    from node_description d
    where d.subject = any($1) and node.described_by = d.subject`,
};

/** The nodes with what is known of them by now; for a transaction that shares the nodes. */
export async function described(tx: Tx, nodes: readonly NodeStatement[]): Promise<readonly NodeStatement[]> {
  const subjects = new Set(nodes.flatMap(({ describedBy }) => describedBy ?? []));
  if (subjects.size === 0) return nodes;
  const rows = await tx.query<{ subject: string; name: string | null; facts: NodeFacts }>(KNOWN, [
    [...subjects],
  ]);
  const known = new Map(rows.map((row) => [row.subject, row]));
  return nodes.map((node) => {
    const description = known.get(node.describedBy ?? '');
    if (description === undefined) return node;
    const name = node.revision === 0 ? (description.name ?? node.name) : node.name;
    return { ...node, name, facts: { ...node.facts, ...description.facts } };
  });
}

export const descriptionStore: Pick<ProvenanceWriter, 'describe'> = {
  async describe(tx, descriptions) {
    const newest = new Map<string, Description>();
    for (const one of descriptions)
      if ((newest.get(one.subject)?.revision ?? 0) < one.revision) newest.set(one.subject, one);
    if (newest.size === 0) return;
    await holdNodes(tx);
    const kept = await tx.query<{ subject: string }>(KEEP, [JSON.stringify([...newest.values()])]);
    if (kept.length > 0) await tx.query(APPLY, [kept.map(({ subject }) => subject)]);
  },
};
