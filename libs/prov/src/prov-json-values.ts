// The values of PROV-JSON: literals, names and times, each read with its place.
import type { Value } from './document.js';
import { LANGUAGE_TEXT, NAME_TYPES, plainType, STRING } from './literals.js';
import { malformed } from './malformed.js';
import { expand, plainName, type Iri, type Namespaces } from './namespaces.js';
import { XSD } from './terms.js';
import { readTime } from './times.js';

export type Json = Readonly<Record<string, unknown>>;

const LANGUAGE = /^[a-zA-Z]+(?:-[a-zA-Z0-9]+)*$/;

/** In a text of JSON, what is text, and what is a number. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gu;
const SAFE = /^-?\d{1,15}$/;

/**
 * JSON, in which a number says its type by how it is written: 1.0 is a double, and digits that JavaScript has no room for
 * are kept. Such numbers become typed literals.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(
      text.replace(TEXT_OR_NUMBER, (part) =>
        part.startsWith('"') || SAFE.test(part)
          ? part
          : `{"$":"${part}","type":"${XSD}${/[.eE]/.test(part) ? 'double' : 'int'}"}`,
      ),
    );
  } catch {
    // What is told about it is told of the text as it was written.
    return JSON.parse(text);
  }
}

export function readValue(place: string, given: unknown, namespaces: Namespaces): Value {
  if (typeof given === 'string') return { text: given, datatype: STRING };
  if (typeof given === 'boolean') return { text: String(given), datatype: `${XSD}boolean` };
  if (typeof given === 'number')
    return { text: String(given), datatype: `${XSD}${Number.isInteger(given) ? 'int' : 'double'}` };
  const literal = objectAt(
    place,
    given,
    'a value is a text, a number, a boolean or a typed literal {"$", "type"}',
  );
  const content = numberText(literal['$']);
  if (typeof content !== 'string' && typeof content !== 'number' && typeof content !== 'boolean')
    throw malformed(place, 'a typed literal has its value in "$"');
  const text = String(content);
  const { lang: language, type } = literal;
  if (language !== undefined) {
    if (typeof language !== 'string' || !LANGUAGE.test(language))
      throw malformed(`${place}/lang`, 'a language is a tag such as "en"');
    return { text, datatype: LANGUAGE_TEXT, language };
  }
  if (type === undefined) return readValue(place, literal['$'], namespaces);
  const datatype = readName(`${place}/type`, type, namespaces);
  return NAME_TYPES.includes(datatype)
    ? { iri: nameAt(place, text, namespaces) }
    : { text, datatype: plainType(datatype) };
}

/** Of a number as {@link parseJson} gives it the text. */
function numberText(given: unknown): unknown {
  const { $: text, type } = (typeof given === 'object' ? (given ?? {}) : {}) as Json;
  return typeof type === 'string' && type.startsWith(XSD) ? text : given;
}

export function readName(place: string, given: unknown, namespaces: Namespaces): Iri {
  const text = typeof given === 'object' && given !== null ? (given as Json)['$'] : given;
  if (typeof text !== 'string') throw malformed(place, 'a qualified name is a text such as "ex:report"');
  return nameAt(place, text, namespaces);
}

export function readTimeAt(place: string, given: unknown): string {
  const [only] = severalAt(place, given);
  const text = typeof only?.[1] === 'object' ? (only[1] as Json | null)?.['$'] : only?.[1];
  const time = typeof text === 'string' ? readTime(text) : undefined;
  if (time === undefined)
    throw malformed(place, 'no xsd:dateTime', 'Write it as in "2026-03-02T10:30:00.000Z", with an offset.');
  return time;
}

export function nameAt(place: string, written: string, namespaces: Namespaces): Iri {
  const name = plainName(written);
  if (name === undefined) throw malformed(place, `"${written}" is no name: no IRI has such characters`);
  const iri = expand(namespaces, name);
  if (iri !== undefined) return iri;
  const colon = name.indexOf(':');
  throw colon < 0
    ? malformed(place, `"${name}" has no prefix`, 'Declare a namespace for such names as prefix "default".')
    : malformed(place, `the prefix "${name.slice(0, colon)}" is not declared`, 'Declare it in "prefix".');
}

/** One or more, each with its place. */
export const severalAt = (place: string, given: unknown): (readonly [place: string, value: unknown])[] =>
  Array.isArray(given)
    ? given.map((value, index) => [`${place}/${index}`, value] as const)
    : [[place, given] as const];

export function objectAt(place: string, given: unknown, what = 'must be an object'): Json {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw malformed(place, what);
  return given as Json;
}

export const escaped = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');
