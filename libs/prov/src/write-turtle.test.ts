import { Parser } from 'n3';
import { describe, expect, it } from 'vitest';
import { readProvN, writeTrig, writeTurtle, type ProvDocument } from './index.js';
import { triplesIn } from './testing/triples.js';

/** Each as the last parts of its names. */
const triplesOf = (...lines: string[]): string[] =>
  new Parser()
    .parse(
      writeTurtle(readProvN(`document\nprefix ex <http://example.org/>\n${lines.join('\n')}\nendDocument`)),
    )
    .map(({ subject, predicate, object }) =>
      [subject, predicate, object]
        .map(({ termType, value }) => (termType === 'BlankNode' ? '_' : (/[^/#]*$/.exec(value)?.[0] ?? '')))
        .join(' '),
    )
    .toSorted();

it('says what a derivation is in the short form as well', () => {
  expect(
    triplesOf("wasDerivedFrom(ex:b, ex:a, [prov:type = 'prov:Revision'])", 'wasDerivedFrom(ex:c, ex:b)'),
  ).toEqual(
    [
      'b wasDerivedFrom a',
      'b wasRevisionOf a',
      'b qualifiedDerivation _',
      '_ type Derivation',
      '_ type Revision',
      '_ entity a',
      'c wasDerivedFrom b',
    ].toSorted(),
  );
});

it('says dictionaries by the terms of PROV-DICTIONARY', () => {
  expect(
    triplesOf(
      'prov:hadDictionaryMember(ex:d, ex:e, "k")',
      'prov:derivedByInsertionFrom(ex:d2, ex:d1, {("k", ex:e)})',
      'prov:derivedByRemovalFrom(ex:d3, ex:d2, {1})',
    ),
  ).toEqual(
    [
      'd hadDictionaryMember _',
      '_ type KeyEntityPair',
      '_ pairKey k',
      '_ pairEntity e',
      'd2 derivedByInsertionFrom d1',
      'd2 qualifiedInsertion _',
      '_ type Insertion',
      '_ dictionary d1',
      '_ insertedKeyEntityPair _',
      '_ type KeyEntityPair',
      '_ pairKey k',
      '_ pairEntity e',
      'd3 derivedByRemovalFrom d2',
      'd3 qualifiedRemoval _',
      '_ type Removal',
      '_ dictionary d2',
      '_ removedKey 1',
    ].toSorted(),
  );
});

const inTurtle = (document: ProvDocument) =>
  new Parser({ format: 'text/turtle' }).parse(writeTurtle(document));
const inTriG = (document: ProvDocument) =>
  new Parser({ format: 'application/trig' }).parse(writeTrig(document));
const last = (iri: string): string => /[^/#]*$/.exec(iri)?.[0] ?? '';

const TWO_BUNDLES = readProvN(`document
  prefix ex <http://example.org/>
  entity(ex:b1, [prov:type = 'prov:Bundle', prov:label = "the first"])
  entity(_:nameless)
  bundle ex:b1
    entity(ex:e, [prov:label = "one"])
    used(ex:a, ex:e, 2026-01-01T10:00:00Z)
    used(_:u1; ex:a, ex:e, -, [prov:role = "here"])
    wasDerivedFrom(ex:d, ex:e, ex:a, -, _:u1)
    wasAttributedTo(_:nameless, ex:g)
  endBundle
  bundle ex:b2
    entity(ex:e, [prov:label = "two"])
    used(ex:a, ex:e, 2026-01-01T10:00:00Z)
    used(_:u1; ex:a, ex:f, -, [prov:role = "there"])
    wasAttributedTo(_:nameless, ex:h)
  endBundle
endDocument`);

describe('a document with bundles', () => {
  it('is one graph in Turtle, with each statement once', () => {
    const quads = inTurtle(TWO_BUNDLES);
    expect(new Set(quads.map(({ graph }) => graph.termType))).toEqual(new Set(['DefaultGraph']));
    const shown = quads.map(({ subject, predicate, object }) =>
      [subject, predicate, object].map(({ id }) => last(id)).join(' '),
    );
    expect(shown.length).toBe(new Set(shown).size);
    for (const line of [
      'b1 type Bundle',
      'b2 type Bundle',
      'e type Entity',
      'e label "one"',
      'e label "two"',
    ])
      expect(shown).toContain(line);
    const usages = quads.filter(({ predicate }) => last(predicate.id) === 'qualifiedUsage');
    // The one that both bundles state, and of each its own.
    expect(new Set(usages.map(({ object }) => object.id)).size).toBe(3);
    expect(usages).toHaveLength(3);
  });

  it('is each bundle as a named graph in TriG, with the same triples', () => {
    const quads = inTriG(TWO_BUNDLES);
    expect(new Set(quads.map(({ graph }) => last(graph.id)))).toEqual(new Set(['', 'b1', 'b2']));
    const graphsOf = (object: string) =>
      quads.flatMap((one) => (one.object.value === object ? [last(one.graph.id)] : []));
    expect(graphsOf('one')).toEqual(['b1']);
    expect(graphsOf('two')).toEqual(['b2']);
    expect(graphsOf('2026-01-01T10:00:00Z')).toEqual(['b1', 'b2']);
    expect(graphsOf('http://www.w3.org/ns/prov#Bundle')).toEqual(['', '']);
    expect(triplesIn(quads)).toEqual(triplesIn(inTurtle(TWO_BUNDLES)));
  });

  it.each([inTurtle, inTriG])(
    'has the blank ids of a bundle to itself, and other blank names not',
    (written) => {
      const quads = written(TWO_BUNDLES);
      const subjectsOf = (word: string) =>
        quads.flatMap(({ subject, predicate }) => (last(predicate.id) === word ? [subject.id] : []));
      // Each has a role, and the derivation knows which of the two it is of.
      const usages = new Set(subjectsOf('hadRole'));
      expect(usages.size).toBe(2);
      const [meant, ...others] = quads.flatMap(({ predicate, object }) =>
        last(predicate.id) === 'hadUsage' ? [object.id] : [],
      );
      expect(others).toEqual([]);
      expect(usages).toContain(meant);
      const usedBy = quads.flatMap(({ subject, predicate, object }) =>
        subject.id === meant && last(predicate.id) === 'entity' ? [last(object.id)] : [],
      );
      expect(usedBy).toEqual(['e']);
      expect(new Set(subjectsOf('wasAttributedTo')).size).toBe(1);
    },
  );
});
