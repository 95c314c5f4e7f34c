import { Parser } from 'n3';
import { expect, it } from 'vitest';
import {
  difference,
  readProvJson,
  readProvN,
  statementsOf,
  writeProvJson,
  writeProvN,
  writeTurtle,
  type ProvDocument,
} from './index.js';

const EX = 'http://example.org/';
const same = { onlyOne: [], onlyOther: [] };
const inProvN = (...lines: string[]): ProvDocument =>
  readProvN(`document\nprefix ex <${EX}>\n${lines.join('\n')}\nendDocument`);
const inJson = (content: object): ProvDocument =>
  readProvJson(JSON.stringify({ prefix: { ex: EX }, ...content }));

it('an escape that PROV-N does not have stays as it is written', () => {
  expect(
    difference(
      inProvN('entity(ex:e, [ex:path = "C:\\data\\new", ex:quoted = "\\"\\\'\\\\"])'),
      inJson({ entity: { 'ex:e': { 'ex:path': 'C:\\data\new', 'ex:quoted': '"\'\\' } } }),
    ),
  ).toEqual(same);
});

it('a comment may stand behind a marker', () => {
  expect(
    difference(
      inProvN('used(ex:a, ex:e, -/* when */)', 'used(ex:a, -// what\n, -)'),
      inProvN('used(ex:a, ex:e, -)', 'used(ex:a, -, -)'),
    ),
  ).toEqual(same);
});

it('PROV is PROV by whichever prefix its words are named in PROV-JSON', () => {
  expect(
    difference(
      inJson({
        prefix: { ex: EX, p: 'http://www.w3.org/ns/prov#' },
        used: { '_:u': { 'p:activity': 'ex:a', 'p:entity': 'ex:e', 'p:time': '2026-01-01T00:00:00Z' } },
      }),
      inProvN('used(ex:a, ex:e, 2026-01-01T00:00:00Z)'),
    ),
  ).toEqual(same);
});

it('names that JavaScript has given a meaning are names', () => {
  const words = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then'];
  const document = readProvJson(
    `{"prefix": {"default": "${EX}", "constructor": "${EX}c#", "toString": "${EX}t#"}, "entity": {${words
      .map((word) => `"${word}": {"${word}": "x", "constructor:${word}": "y", "toString:${word}": 1.0}`)
      .join(', ')}}}`,
  );
  expect(statementsOf(document).size).toBe(words.length);
  expect(document.statements.map(({ attributes }) => attributes.length)).toEqual(words.map(() => 3));
  expect(difference(document, readProvJson(JSON.stringify(writeProvJson(document))))).toEqual(same);
  expect(difference(document, readProvN(writeProvN(document)))).toEqual(same);
  expect(writeTurtle(document)).toContain('__proto__');
});

it('a bundle says which prefixes it uses, and may call by one of them something else than its document', () => {
  const document = inProvN(
    'prefix other <http://other.example/>',
    'prefix unused <http://unused.example/>',
    'entity(other:e)',
    'bundle ex:b',
    '  prefix other <http://inner.example/>',
    '  entity(other:e)',
    '  entity(ex:e)',
    'endBundle',
    'bundle ex:c',
    '  entity(other:e)',
    'endBundle',
  );
  for (const again of [
    readProvN(writeProvN(document)),
    readProvJson(JSON.stringify(writeProvJson(document))),
  ]) {
    expect(difference(document, again)).toEqual(same);
    const [b, c] = again.bundles;
    expect([...(b?.namespaces.prefixes ?? [])]).toEqual([
      ['other', 'http://inner.example/'],
      ['ex', EX],
    ]);
    expect([...(c?.namespaces.prefixes ?? [])]).toEqual([['other', 'http://other.example/']]);
  }
});

it('a name of the document whose prefix means something else in a bundle is named anew there', () => {
  const document: ProvDocument = {
    ...inProvN('prefix p <http://p.example/>', 'entity(p:e)'),
    bundles: [
      {
        id: `${EX}b`,
        namespaces: { prefixes: new Map([['p', 'http://q.example/']]), fallback: undefined },
        statements: inProvN('prefix p <http://p.example/>', 'entity(p:e)').statements,
      },
    ],
  };
  expect(difference(document, readProvN(writeProvN(document)))).toEqual(same);
  expect(difference(document, readProvJson(JSON.stringify(writeProvJson(document))))).toEqual(same);
});

it('however many namespaces there are, declared or not, each name is found at once', () => {
  const many = 15_000;
  const each = <T>(make: (n: number) => readonly [string, T]): Record<string, T> =>
    Object.fromEntries(Array.from({ length: many }, (_, n) => make(n)));
  const documents = [
    inJson({ prefix: each((n) => [`p${n}`, `http://e${n}/`]), entity: each((n) => [`p${n}:x`, {}]) }),
    inJson({ entity: each((n) => [`http://e${n}/x`, {}]) }),
    inJson({
      prefix: { ex: EX, ...each((n) => [`p${n}`, `http://e${n}/`]) },
      bundle: each((n) => [`ex:b${n}`, { prefix: { q: 'http://q/' }, entity: { 'q:e': {} } }]),
    }),
  ];
  for (const document of documents) {
    expect(writeProvN(document).length).toBeLessThan(5_000_000);
    expect(JSON.stringify(writeProvJson(document)).length).toBeLessThan(5_000_000);
  }
  // A comment that never ends is looked for once.
  expect(() => readProvN(`document\n${'/* a '.repeat(200_000)}`)).toThrow(/line 2, column 1/);
});

it('a prefix of letters of any script is written so that Turtle has it, too', () => {
  for (const prefix of ['a.b', 'é-1', '漢', 'a·b', 'x_1', 'ɐ̃']) {
    const document = readProvN(`document prefix ${prefix} <${EX}> entity(${prefix}:e) endDocument`);
    expect(difference(document, readProvN(writeProvN(document)))).toEqual(same);
    expect(new Parser({ format: 'text/turtle' }).parse(writeTurtle(document))).toHaveLength(1);
  }
});
