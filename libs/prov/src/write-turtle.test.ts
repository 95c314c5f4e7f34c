import { Parser } from 'n3';
import { expect, it } from 'vitest';
import { readProvN, writeTurtle } from './index.js';

it('says dictionaries by the terms of PROV-DICTIONARY', () => {
  const triples = new Parser()
    .parse(
      writeTurtle(
        readProvN(`document
          prefix ex <http://example.org/>
          prov:hadDictionaryMember(ex:d, ex:e, "k")
          prov:derivedByInsertionFrom(ex:d2, ex:d1, {("k", ex:e)})
          prov:derivedByRemovalFrom(ex:d3, ex:d2, {1})
          endDocument`),
      ),
    )
    .map(({ subject, predicate, object }) =>
      [subject, predicate, object]
        .map(({ termType, value }) => (termType === 'BlankNode' ? '_' : (/[^/#]*$/.exec(value)?.[0] ?? '')))
        .join(' '),
    );
  expect(triples.toSorted()).toEqual(
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
