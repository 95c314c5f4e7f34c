// The values of PROV-JSON: literals, names and times, each read with its place.
import type { Value } from './document.js';
import { LANGUAGE_TEXT, NAME_TYPES, plainType, STRING } from './literals.js';
import { WrittenNumber } from './json.js';
import { GIVE_IRI, malformed } from './malformed.js';
import { expand, isBlank, plainName, type Iri, type Namespaces } from './namespaces.js';
import { escaped } from './places.js';
import { XSD } from './terms.js';
import { readTime } from './times.js';

export type Json = Readonly<Record<string, unknown>>;

const LANGUAGE = /^[a-zA-Z]+(?:-[a-zA-Z0-9]+)*$/;

/** The type that PROV-JSON gives a number by how it is written: 1.0 is a double, and so is 1e3. */
const numberType = (text: string): Iri => `${XSD}${/[.eE]/.test(text) ? 'double' : 'int'}`;

/** Of a number, however large, the text. */
const numberText = (given: unknown): string | undefined =>
  typeof given === 'number' ? String(given) : given instanceof WrittenNumber ? given.text : undefined;

export function readValue(place: string, given: unknown, namespaces: Namespaces): Value {
  if (typeof given === 'string') return { text: given, datatype: STRING };
  if (typeof given === 'boolean') return { text: String(given), datatype: `${XSD}boolean` };
  const number = numberText(given);
  if (number !== undefined) return { text: number, datatype: numberType(number) };
  const literal = objectAt(
    place,
    given,
    'a value is a text, a number, a boolean or a typed literal {"$", "type"}',
  );
  const content = numberText(literal['$']) ?? literal['$'];
  if (typeof content !== 'string' && typeof content !== 'boolean')
    throw malformed(place, 'a typed literal has its value in "$"', 'It is a text, a number or a boolean.');
  for (const word of Object.keys(literal))
    if (!LITERAL_WORDS.includes(word))
      throw malformed(
        `${place}/${escaped(word)}`,
        'a typed literal has no such member',
        `Known are ${LITERAL_WORDS.join(', ')}.`,
      );
  const text = String(content);
  const { lang: language, type } = literal;
  if (language !== undefined) {
    if (typeof language !== 'string' || !LANGUAGE.test(language))
      throw malformed(`${place}/lang`, 'a language is a tag such as "en"');
    return { text, datatype: LANGUAGE_TEXT, language };
  }
  if (type === undefined) return readValue(place, literal['$'], namespaces);
  const datatype = typeAt(`${place}/type`, type, namespaces);
  return NAME_TYPES.includes(datatype)
    ? { iri: nameAt(place, text, namespaces) }
    : { text, datatype: plainType(datatype) };
}

const LITERAL_WORDS: readonly string[] = ['$', 'type', 'lang'];

export function readName(place: string, given: unknown, namespaces: Namespaces): Iri {
  const text = typeof given === 'object' && given !== null ? (given as Json)['$'] : given;
  if (typeof text !== 'string') throw malformed(place, 'a qualified name is a text such as "ex:report"');
  return nameAt(place, text, namespaces);
}

/** The name of a type. */
export function typeAt(place: string, given: unknown, namespaces: Namespaces): Iri {
  return notBlank(place, readName(place, given, namespaces));
}

/** The name of an attribute or a type: others can know what it means only by an IRI. */
export function notBlank(place: string, iri: Iri): Iri {
  if (isBlank(iri)) throw malformed(place, `"${iri}" is a blank name, and has no meaning`, GIVE_IRI);
  return iri;
}

export function readTimeAt(place: string, given: unknown): string {
  const [only, ...others] = severalAt(place, given);
  if (others.length > 0) throw malformed(place, 'one statement has one time', 'Write two statements.');
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
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject || Array.isArray(given) || given instanceof WrittenNumber) throw malformed(place, what);
  return given as Json;
}
