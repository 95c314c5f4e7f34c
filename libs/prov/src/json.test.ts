import type { AppError } from '@weft/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProvJson } from './index.js';
import { parseJson } from './json.js';

const refusal = (text: string, read: (text: string) => unknown = readProvJson): AppError => {
  try {
    read(text);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('it was read');
};

describe('a member that its object names twice', () => {
  it.each([
    ['a kind of statement', '{"entity": {"ex:a": {}}, "entity": {"ex:b": {}}}', '/entity', 'line 1, column 26'],
    ['a record', '{"entity": {"ex:a": {},\n  "ex:a": {"ex:p": 1}}}', '/entity/ex:a', 'line 2, column 3'],
    ['an attribute', '{"entity": {"ex:a": {"ex:p": 1, "ex:q": ",{", "ex:p": 2}}}', '/entity/ex:a/ex:p', 'line 1, column 47'],
    ['an argument', '{"used": {"_:u": {"prov:activity": "ex:a", "prov:activity": "ex:b"}}}', '/used/_:u/prov:activity', 'column 44'],
    ['one in an array', '{"entity": {"ex:a": [{}, {"ex:p": 1, "ex:p": 1}]}}', '/entity/ex:a/1/ex:p', 'column 38'],
    ['a prefix', '{"prefix": {"ex": "http://a/", "ex": "http://b/"}}', '/prefix/ex', 'column 32'],
    ['a bundle', '{"bundle": {"ex:b": {}, "ex:b": {}}}', '/bundle/ex:b', 'column 25'],
    ['one written otherwise', '{"entity": {"ex:a/~": {}, "ex\\u003aa/~": {}}}', '/entity/ex:a~1~0', 'column 27'],
    ['a part of a literal', '{"entity": {"ex:a": {"ex:p": {"$": "1", "type": "xsd:int", "$": "2"}}}}', '/entity/ex:a/ex:p/$', 'column 60'],
    ['after a mark of order', '\uFEFF{"entity": {},\r\n"entity": {}}', '/entity', 'line 2, column 1'],
    ['called as every object is', '{"entity": {"__proto__": {}, "__proto__": {}}}', '/entity/__proto__', 'column 30'],
  ])('is refused with its place: %s', (_, text, place, position) => {
    const { code, facts, message } = refusal(text);
    expect({ code, facts }).toEqual({ code: 'PROV_MALFORMED', facts: { place } });
    expect(message).toContain(position);
  }); // prettier-ignore

  it('is another where another object names it', () => {
    const text = `{"prefix": {"ex": "http://example.org/"},
      "entity": {"ex:a": [{"ex:p": "ex:p"}, {"ex:p": "\\"ex:p\\":"}], "ex:b": {"ex:p": ["ex:p", "ex:p"]}},
      "bundle": {"ex:c": {"prefix": {"ex": "http://example.org/"}, "entity": {"ex:a": {}}}}}`;
    expect(readProvJson(text).statements).toHaveLength(3);
  });

  it('counts for the last time in a text that was taken before', () => {
    const { statements } = readProvJson(
      '{"entity": {"ex:a": {}, "ex:b": {}}, "entity": {"_:c": {}}}',
      'LAST',
    );
    expect(statements.map(({ id }) => id)).toEqual(['_:c']);
  });

  it('is found wherever it is put, and nowhere else', () => {
    const strictly = (text: string) => parseJson(text, 'REFUSED');
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.string({ maxLength: 50 }), (json, name) => {
        const indented = JSON.stringify(JSON.parse(json), null, 2);
        for (const text of [JSON.stringify(JSON.parse(json)), indented])
          expect(() => strictly(text)).not.toThrow();
        const member = `${JSON.stringify(name)}: ${indented}`;
        const { facts } = refusal(`[${indented}, {${member},\n${member}}]`, strictly);
        expect(facts['place']).toBe(`/1/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      }),
    );
  });
});
