import { readdirSync, readFileSync } from 'node:fs';
import { AppError } from '@weft/errors';
import { Parser } from 'n3';
import { describe, expect, it } from 'vitest';
import {
  difference,
  readProvJson,
  readProvN,
  statementsOf,
  writeProvJson,
  writeProvN,
  writeTrig,
  writeTurtle,
} from './index.js';
import { triplesIn } from './testing/triples.js';

// From the Southampton interoperability suite and the `prov` library (both MIT, see cases/README.md): each document in
// both notations under one name; and cases of our own (cases/own), written from the specifications.
const folder = new URL('../cases/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const pairsIn = (inner: string): string[] =>
  readdirSync(new URL(inner, folder)).flatMap((name) =>
    name.endsWith('.json') ? [`${inner}${name.slice(0, -5)}`] : [],
  );
const names = [...pairsIn(''), ...pairsIn('own/')];
const same = { onlyOne: [], onlyOther: [] };

describe.each(names)('%s', (name) => {
  const fromJson = readProvJson(read(`${name}.json`));
  const fromText = readProvN(read(`${name}.provn`));

  it('says the same in both notations', () => {
    expect(statementsOf(fromJson).size).toBeGreaterThan(0);
    expect(difference(fromJson, fromText)).toEqual(same);
  });

  it('is what it was after being written and read, in either', () => {
    for (const document of [fromJson, fromText]) {
      expect(difference(document, readProvJson(JSON.stringify(writeProvJson(document))))).toEqual(same);
      expect(difference(document, readProvN(writeProvN(document)))).toEqual(same);
    }
  });

  it('is Turtle that others can read, and the same in TriG', () => {
    const turtle = new Parser({ format: 'text/turtle' }).parse(writeTurtle(fromJson));
    expect(turtle.length).toBeGreaterThan(0);
    const trig = new Parser({ format: 'application/trig' }).parse(writeTrig(fromJson));
    expect(triplesIn(trig)).toEqual(triplesIn(turtle));
  });
});

describe('what is no PROV', () => {
  const refusal = (act: () => unknown): AppError => {
    try {
      act();
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('it was read');
  };

  it.each([
    ['bad_bundle_shape', '/bundle'],
    ['bad_prefix_map', '/prefix'],
    ['bad_record_content', '/entity/ex:e1'],
    ['bad_record_shape', '/entity'],
    ['bad_typed_literal', '/entity/ex:e1/ex:attr'],
  ])('%s is refused with its place', (name, place) => {
    const error = refusal(() => readProvJson(read(`malformed/${name}.json`)));
    expect(error).toMatchObject({ code: 'PROV_MALFORMED', facts: { place } });
    expect(error.message).toContain(place);
  });

  it.each([
    ['', 'line 1, column 1'],
    ['[]', ''],
    ['{"entity": {}', 'line 1, column 14'],
    ['{"entity": {}} {}', 'line 1, column 16'],
    ['{"entity":\n  {"prov:e" {}}}', 'line 2, column 13'],
    ['{"entity": {"prov:e": {"prov:label": "\t"}}}', 'line 1, column 39'],
    ['{"entity": {"prov:e": {"prov:label": "\\\\\\x"}}}', 'line 1, column 41'],
    ['{"entity": {"prov:e": {"prov:label": "\\ud800"}}}', 'line 1, column 38'],
    ['{"entity": {"prov:e": {"prov:value": 01}}}', 'line 1, column 39'],
    ['{"entity": {"prov:e": {"prov:label": "open}}}', 'line 1, column 38'],
    ['{"entity": {"prov:e": {}, "prov:e": {"prov:label": "lost"}}}', '/entity/prov:e'],
    [`{"entity": ${'['.repeat(200)}`, 'line 1, column 112'],
    ['{"entity": {"__proto__": {}}}', '/entity/__proto__'],
    ['{"__proto__": {"entity": {}}}', '/__proto__'],
    ['{"prefix": null}', '/prefix'],
    ['{"prefix": {"\u00b5": "http://example.org/"}}', '/prefix/\u00b5'],
    ['{"entity": {"prov:e": {"_:a": 1}}}', '/entity/prov:e/_:a'],
    ['{"entity": {"prov:e": {"prov:value": {"$": "1", "type": "_:t"}}}}', '/entity/prov:e/prov:value/type'],
    ['{"entity": 1.0}', '/entity'],
    [
      '{"used": {"_:u": {"prov:time": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]}}}',
      '/used/_:u/prov:time',
    ],
    ['{"entity": {"prov:e": {"prov:value": {"$": "1", "typ": "xsd:int"}}}}', '/entity/prov:e/prov:value/typ'],
    ['{"entity": {"ex:e": {}}}', '/entity/ex:e'],
    ['{"entity": {"bare": {}}}', '/entity/bare'],
    ['{"things": {}}', '/things'],
    ['{"bundle": {"prov:b": {"bundle": {}}}}', '/bundle/prov:b/bundle'],
    ['{"activity": {"prov:a": {"prov:startTime": "yesterday"}}}', '/activity/prov:a/prov:startTime'],
    ['{"used": {"_:u": {"prov:entity": ["prov:a", "prov:b"]}}}', '/used/_:u/prov:entity'],
    ['{"used": {"_:u": {"prov:entity": 7}}}', '/used/_:u/prov:entity'],
    ['{"entity": {"prov:e": {"prov:label": null}}}', '/entity/prov:e/prov:label'],
    ['{"entity": {"prov:a b": {}}}', '/entity/prov:a b'],
    ['{"prefix": {"prov": "http://other/"}}', '/prefix/prov'],
    ['{"prefix": {"a/b~": 1}}', '/prefix/a~1b~0'],
    ['{"prefix": {"a b": "http://example.org/"}}', '/prefix/a b'],
    ['{"prefix": {"ex": "http://example.org/>"}}', '/prefix/ex'],
    ['{"entity": {"_:a,b": {}}}', '/entity/_:a,b'],
    [
      '{"derivedByInsertionFrom": {"_:i": {"prov:key-entity-set": ["k"]}}}',
      '/derivedByInsertionFrom/_:i/prov:key-entity-set/0',
    ],
    [
      '{"derivedByInsertionFrom": {"_:i": {"prov:key-entity-set": [{"$": "prov:e"}]}}}',
      '/derivedByInsertionFrom/_:i/prov:key-entity-set/0/key',
    ],
    [
      '{"hadDictionaryMember": {"_:i": {"prov:key-entity-set": {"k": 1}}}}',
      '/hadDictionaryMember/_:i/prov:key-entity-set/k',
    ],
    [
      '{"derivedByRemovalFrom": {"_:i": {"prov:key-set": [null]}}}',
      '/derivedByRemovalFrom/_:i/prov:key-set/0',
    ],
    [
      '{"entity": {"prov:e": {"prov:label": {"$": "x", "lang": "no tag"}}}}',
      '/entity/prov:e/prov:label/lang',
    ],
    [
      '{"prefix": {"p": "http://www.w3.org/ns/prov#"}, "bundle": {"p:b": {}, "prov:b": {}}}',
      '/bundle/prov:b',
    ],
  ])('PROV-JSON %s', (text, place) => {
    expect(refusal(() => readProvJson(text)).facts).toEqual({ place });
  });

  it.each([
    ['', 'line 1, column 1'],
    ['document', 'line 1, column 9'],
    ['document\n  entity(ex:e)\nendDocument', 'line 2, column 10'],
    ['document\nentity(prov:e,)\nendDocument', 'line 2, column 15'],
    ['document\nthing(prov:e)\nendDocument', 'line 2, column 1'],
    ['document\nused(prov:a, prov:e, noon)\nendDocument', 'line 2, column 22'],
    ['document\nused(prov:a, prov:e, -, prov:x)\nendDocument', 'line 2, column 25'],
    ['document\nentity(prov:e, [prov:label = 1.5])\nendDocument', 'line 2, column 30'],
    ['document\nentity(prov:e, [prov:label = "open])\nendDocument', 'line 2, column 30'],
    ['document\nused(prov:a, prov:e, -, [prov:time = "1"])\nendDocument', 'line 2, column 26'],
    ['document\nbundle prov:b\nendBundle\nentity(prov:e)\nendDocument', 'line 4, column 1'],
    ['document\nendDocument\nentity(prov:e)', 'line 3, column 1'],
    ['document\nprov:derivedByInsertionFrom(prov:b, prov:a, {"k"})\nendDocument', 'line 2, column 46'],
    ['document\nprov:derivedByRemovalFrom(prov:b, prov:a, {"k" "l"})\nendDocument', 'line 2, column 48'],
    ['document\nprov:hadDictionaryMember(prov:b, prov:a, key)\nendDocument', 'line 2, column 42'],
    ['document\nused(prov:b, {"k"})\nendDocument', 'line 2, column 14'],
    ['document\nprefix a <http://a/>\nprefix a <http://b/>\nendDocument', 'line 3, column 8'],
    ['document\ndefault <http://a/>\ndefault <http://b/>\nendDocument', 'line 3, column 9'],
    ['document // one\n /* two /* three\nendDocument', 'line 2, column 2'],
    ['document\nentity(prov:e, [prov:label = "\ud800"])\nendDocument', 'line 2, column 31'],
    ['document\nentity(prov:e, [_:a = 1])\nendDocument', 'line 2, column 17'],
    ['document\nentity(prov:e, [prov:value = "1" %% _:t])\nendDocument', 'line 2, column 37'],
    ['document\nprefix ex: <http://example.org/>\nendDocument', 'line 2, column 8'],
    ['document\nbundle prov:b\nendBundle\nbundle prov:b\nendBundle\nendDocument', 'line 4, column 8'],
  ])('PROV-N %s', (text, place) => {
    expect(refusal(() => readProvN(text)).facts).toEqual({ place });
  });
});
