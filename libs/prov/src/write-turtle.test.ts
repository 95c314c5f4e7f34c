import { Parser } from 'n3';
import { expect, it } from 'vitest';
import { readProvN, writeTurtle } from './index.js';

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
