import fc from 'fast-check';
import { Parser } from 'n3';
import { expect, it } from 'vitest';
import {
  difference,
  PROV,
  readProvJson,
  readProvN,
  writeProvJson,
  writeProvN,
  writeTrig,
  writeTurtle,
  XSD,
  type DictionaryEntry,
  type ProvDocument,
  type Statement,
} from './index.js';
import { triplesIn } from './testing/triples.js';
import { argumentsOf, isElement, isTime, keysOf, STATEMENT_KINDS, type StatementKind } from './terms.js';

const NAMESPACES = ['http://example.org/', 'http://example.org/deeper#', 'urn:weft:', `${PROV}`];
const local = fc.stringMatching(/^[\p{L}0-9_/@~&+*?#$!=,;:.()[\]'-]{0,8}$/u);
const absolute = fc
  .tuple(fc.constantFrom(...NAMESPACES), local)
  .map(([namespace, name]) => `${namespace}x${name}`);
const blank = fc.constantFrom('_:n1', '_:n2', '_:a.b-c', '_:s1', '_:É');
const iri = fc.oneof({ weight: 9, arbitrary: absolute }, { weight: 1, arbitrary: blank });
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constant('"""\\n\r\n\t'),
);
const value = fc.oneof(
  iri.map((named) => ({ iri: named })),
  fc.record({ text, datatype: fc.constantFrom(`${XSD}string`, `${XSD}int`, 'http://types.example/odd') }),
  fc.record({
    text,
    datatype: fc.constant('http://www.w3.org/1999/02/22-rdf-syntax-ns#langString'),
    language: fc.constantFrom('en', 'pt-BR'),
  }),
);
const attributes = fc.array(
  fc.record({
    name: fc.oneof(absolute, fc.constantFrom(`${PROV}type`, `${PROV}role`, `${PROV}location`)),
    value,
  }),
  { maxLength: 3 },
);
const entry = fc.record({ key: value, entity: iri });
const entriesOf = (kind: StatementKind): fc.Arbitrary<DictionaryEntry[]> => {
  switch (keysOf(kind)) {
    case 'pairs':
      return fc.array(fc.record({ key: value, entity: iri }, { requiredKeys: ['key'] }), { maxLength: 3 });
    case 'keys':
      return fc.array(
        entry.map(({ key }) => ({ key })),
        { maxLength: 3 },
      );
    case 'key':
      return fc.array(
        entry.map(({ key }) => ({ key })),
        { maxLength: 1 },
      );
    case undefined:
      return fc.constant([]);
  }
};
const statementOf = (kind: StatementKind): fc.Arbitrary<Statement> =>
  fc.record({
    kind: fc.constant(kind),
    id: isElement(kind) ? iri : fc.option(absolute, { nil: undefined }),
    args: fc.record(
      Object.fromEntries(argumentsOf(kind).map((name) => [name, isTime(name) ? time : iri])),
      // Of a collection several members in one record are read as so many statements: without any there is none to read.
      { requiredKeys: kind === 'hadMember' ? ['entity'] : [] },
    ),
    attributes,
    entries: entriesOf(kind),
  });
const namespaces = fc.record({
  prefixes: fc
    .subarray(NAMESPACES.slice(0, 3))
    .map(
      (some) => new Map(some.map((namespace, index) => [index === 0 ? 'default' : `p${index}`, namespace])),
    ),
  fallback: fc.option(fc.constantFrom(...NAMESPACES), { nil: undefined }),
});
const statements = fc.array(fc.oneof(...STATEMENT_KINDS.map(statementOf)), { maxLength: 8 });
const document: fc.Arbitrary<ProvDocument> = fc.record({
  namespaces,
  statements,
  bundles: fc.uniqueArray(fc.record({ id: iri, namespaces, statements }), {
    maxLength: 2,
    selector: ({ id }) => id,
  }),
});

it('whatever can be said is read as it was written, in each notation', () => {
  fc.assert(
    fc.property(document, (given) => {
      const same = { onlyOne: [], onlyOther: [] };
      expect(difference(given, readProvJson(JSON.stringify(writeProvJson(given))))).toEqual(same);
      expect(difference(given, readProvN(writeProvN(given)))).toEqual(same);
      const turtle = new Parser({ format: 'text/turtle' }).parse(writeTurtle(given));
      const trig = new Parser({ format: 'application/trig' }).parse(writeTrig(given));
      expect(triplesIn(trig)).toEqual(triplesIn(turtle));
    }),
    { numRuns: 500 },
  );
});

const refuses = (read: (text: string) => ProvDocument, text: string): void => {
  try {
    read(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'PROV_MALFORMED', facts: { place: expect.any(String) } });
  }
};

it('whatever is written, it is read or refused with its place', () => {
  const mutation = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    less: fc.nat(12),
    more: fc.oneof(
      fc.constantFrom('', '{', '"', '(', ',', '-', '[]', "'", 'null', '%% ', 'prov:x', '\\'),
      fc.string(),
    ),
  });
  fc.assert(
    fc.property(document, mutation, (given, { at, less, more }) => {
      const changed = (text: string): string => {
        const place = Math.floor(at * text.length);
        return text.slice(0, place) + more + text.slice(place + less);
      };
      refuses(readProvJson, changed(JSON.stringify(writeProvJson(given))));
      refuses(readProvN, changed(writeProvN(given)));
    }),
    { numRuns: 400 },
  );
  const long = 'x'.repeat(300_000);
  for (const text of [
    `"${long}`,
    `"""${long}`,
    `'${long}`,
    `/*${long}`,
    `<${long}`,
    long,
    '""'.repeat(150_000),
  ])
    refuses(readProvN, `document\nentity(prov:e, [prov:label = ${text}`);
  refuses(readProvN, `document prov:derivedByRemovalFrom(prov:a, prov:b, {${'"k",'.repeat(250_000)}`);
});
