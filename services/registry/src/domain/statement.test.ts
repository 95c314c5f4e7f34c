import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RELATIONS } from './node.js';
import { mergeStatements, type NodeStatement, type Statements } from './statement.js';

const names = fc.constantFrom('a', 'b', 'c', 'd');
const node = fc
  .record({ identity: names, revision: fc.nat(2) })
  .map(({ identity, revision }): NodeStatement => ({
    identity,
    kind: 'ENTITY',
    subtype: 'DATA',
    organizationId: null,
    isPublic: false,
    revision,
    name: identity,
    facts: {},
  }));
const edge = fc.record({
  from: names,
  relation: fc.constantFrom(...RELATIONS),
  to: names,
  role: fc.constantFrom('', 'r'),
});
const story: fc.Arbitrary<Statements> = fc.record({
  nodes: fc.uniqueArray(node, { selector: (one) => one.identity }),
  edges: fc.array(edge, { maxLength: 6 }),
});

/** What the tables do with one story after the other. */
function toldInTurn(stories: readonly Statements[]) {
  const revisions = new Map<string, number>();
  const edges = new Set<string>();
  const generated = new Set<string>();
  for (const one of stories) {
    for (const { identity, revision } of one.nodes)
      revisions.set(identity, Math.max(revision, revisions.get(identity) ?? 0));
    for (const { from, relation, to, role } of one.edges) {
      if (relation === 'WAS_GENERATED_BY' && generated.has(from)) continue;
      if (relation === 'WAS_GENERATED_BY') generated.add(from);
      edges.add([from, relation, to, role].join(' '));
    }
  }
  return { revisions, edges };
}

test('stories told at once say what they say when they are told one after the other', () => {
  fc.assert(
    fc.property(fc.array(story, { maxLength: 6 }), (stories) => {
      const merged = mergeStatements(stories);
      expect(new Set(merged.nodes.map((one) => one.identity)).size).toBe(merged.nodes.length);
      const { revisions, edges } = toldInTurn(stories);
      expect(new Map(merged.nodes.map((one) => [one.identity, one.revision]))).toEqual(revisions);
      expect(
        new Set(merged.edges.map((one) => [one.from, one.relation, one.to, one.role].join(' '))),
      ).toEqual(edges);
    }),
  );
});
