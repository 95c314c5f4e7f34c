import type { Quad, Term } from 'n3';

/** The triples in whichever graph, each once; a blank node is known by what is said of it, as its label means nothing. */
export function triplesIn(quads: readonly Quad[]): ReadonlySet<string> {
  const saying = Map.groupBy(quads, ({ subject }) => subject.id);
  const known = new Map<string, string>();
  const named = (term: Term, around: readonly string[] = []): string => {
    if (term.termType !== 'BlankNode') return term.id;
    if (around.includes(term.id)) return `^${around.indexOf(term.id)}`;
    const before = known.get(term.id);
    if (before !== undefined) return before;
    const said = (saying.get(term.id) ?? []).map(
      ({ predicate, object }) => `${predicate.id} ${named(object, [...around, term.id])}`,
    );
    const description = `[${[...new Set(said)].sort().join('; ')}]`;
    if (around.length === 0) known.set(term.id, description);
    return description;
  };
  const triples = quads.map(
    ({ subject, predicate, object }) => `${named(subject)} ${predicate.id} ${named(object)}`,
  );
  return new Set(triples);
}
