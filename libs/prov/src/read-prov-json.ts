// PROV-JSON (https://www.w3.org/submissions/prov-json/), as ProvToolbox and the `prov` library write it. The schema of
// the submission refuses what both write, so what is asked of a document is asked here.
import type { Attribute, Bundle, ProvDocument, Statement, StatementSet, Value } from './document.js';
import { LANGUAGE_TEXT, STRING } from './document.js';
import { malformed } from './malformed.js';
import {
  declarationProblem,
  expand,
  isBlank,
  namespaceOf,
  NO_NAMESPACES,
  plainName,
  within,
  type Iri,
  type Namespaces,
} from './namespaces.js';
import {
  argumentsOf,
  isElement,
  isStatementKind,
  isTime,
  namesStatement,
  PROV,
  STATEMENT_KINDS,
  XSD,
  type StatementKind,
} from './terms.js';
import { readTime } from './times.js';

type Json = Readonly<Record<string, unknown>>;

const LANGUAGE = /^[a-zA-Z]+(?:-[a-zA-Z0-9]+)*$/;

/** Types of values that are names, as different writers call them. */
export const NAME_TYPES: readonly Iri[] = [`${PROV}QUALIFIED_NAME`, `${XSD}QName`];

/** @throws PROV_MALFORMED with the place as a JSON Pointer. */
export function readProvJson(text: string): ProvDocument {
  let root: unknown;
  try {
    root = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw malformed('', `not JSON: ${(error as Error).message}`);
  }
  const document = objectAt('', root);
  const own = readSet('', document, NO_NAMESPACES, ['bundle']);
  const bundles = 'bundle' in document ? objectAt('/bundle', document['bundle']) : {};
  const named = new Set<Iri>();
  return {
    ...own,
    bundles: Object.entries(bundles).map(([name, content]): Bundle => {
      const place = `/bundle/${escaped(name)}`;
      const set = readSet(place, objectAt(place, content), own.namespaces, []);
      const id = nameAt(place, name, within(set.namespaces, own.namespaces));
      if (named.has(id)) throw malformed(place, 'a second bundle of this name');
      named.add(id);
      return { ...set, id };
    }),
  };
}

function readSet(place: string, content: Json, outer: Namespaces, beside: readonly string[]): StatementSet {
  const namespaces = within(outer, readPrefixes(`${place}/prefix`, content['prefix'] ?? {}));
  const statements: Statement[] = [];
  for (const [word, records] of Object.entries(content)) {
    if (word === 'prefix' || beside.includes(word)) continue;
    const there = `${place}/${escaped(word)}`;
    if (!isStatementKind(word))
      throw malformed(
        there,
        word === 'bundle' ? 'a bundle holds no bundles' : 'no kind of PROV statement',
        `Known are ${STATEMENT_KINDS.join(', ')}.`,
      );
    for (const [name, given] of Object.entries(objectAt(there, records))) {
      const here = `${there}/${escaped(name)}`;
      const id = nameAt(here, name, namespaces);
      // A name that several records share is written once, with an array.
      for (const [at, record] of severalAt(here, given))
        statements.push(...readRecord(at, word, id, objectAt(at, record), namespaces));
    }
  }
  return { namespaces, statements: withoutBlankIds(statements) };
}

function readPrefixes(place: string, given: unknown): Namespaces {
  const prefixes = new Map<string, Iri>();
  let fallback: Iri | undefined;
  for (const [prefix, iri] of Object.entries(objectAt(place, given))) {
    const here = `${place}/${escaped(prefix)}`;
    if (typeof iri !== 'string') throw malformed(here, 'a namespace is an IRI');
    const isDefault = prefix === 'default';
    const problem = declarationProblem(isDefault ? undefined : prefix, iri);
    if (problem !== undefined) throw malformed(here, problem);
    if (isDefault) fallback = namespaceOf(iri);
    else prefixes.set(prefix, namespaceOf(iri));
  }
  return { prefixes, fallback };
}

function readRecord(
  place: string,
  kind: StatementKind,
  id: Iri,
  record: Json,
  namespaces: Namespaces,
): Statement[] {
  const args: Record<string, string> = {};
  const attributes: Attribute[] = [];
  let members: readonly Iri[] = [];
  for (const [word, given] of Object.entries(record)) {
    const here = `${place}/${escaped(word)}`;
    const argument = argumentsOf(kind).find((one) => word === `prov:${one}`);
    if (argument === undefined) {
      const name = nameAt(here, word, namespaces);
      for (const [at, one] of severalAt(here, given))
        attributes.push({ name, value: readValue(at, one, namespaces) });
    } else if (isTime(argument)) args[argument] = readTimeAt(here, given);
    else {
      const names = severalAt(here, given).map(([at, one]) => readName(at, one, namespaces));
      // Of a collection several members may be named at once.
      if (kind === 'hadMember' && argument === 'entity') members = names;
      else if (names.length > 1) throw malformed(here, `one statement has one ${word}`);
      else if (names[0] !== undefined) args[argument] = names[0];
    }
  }
  const statement: Statement = { kind, id, args, attributes };
  return members.length === 0
    ? [statement]
    : members.map((entity) => ({ ...statement, args: { ...args, entity } }));
}

/** Unnamed statements have blank names, which mean nothing but where another statement speaks of them. */
function withoutBlankIds(statements: readonly Statement[]): Statement[] {
  const spokenOf = new Set(
    statements.flatMap(({ args }) =>
      Object.entries(args).flatMap(([name, of]) => (namesStatement(name) ? of : [])),
    ),
  );
  return statements.map((one) =>
    !isElement(one.kind) && one.id !== undefined && isBlank(one.id) && !spokenOf.has(one.id)
      ? { ...one, id: undefined }
      : one,
  );
}

function readValue(place: string, given: unknown, namespaces: Namespaces): Value {
  if (typeof given === 'string') return { text: given, datatype: STRING };
  if (typeof given === 'boolean') return { text: String(given), datatype: `${XSD}boolean` };
  if (typeof given === 'number')
    return { text: String(given), datatype: `${XSD}${Number.isInteger(given) ? 'int' : 'double'}` };
  const literal = objectAt(
    place,
    given,
    'a value is a text, a number, a boolean or a typed literal {"$", "type"}',
  );
  const content = literal['$'];
  if (typeof content !== 'string' && typeof content !== 'number' && typeof content !== 'boolean')
    throw malformed(place, 'a typed literal has its value in "$"');
  const text = String(content);
  const { lang: language, type } = literal;
  if (language !== undefined) {
    if (typeof language !== 'string' || !LANGUAGE.test(language))
      throw malformed(`${place}/lang`, 'a language is a tag such as "en"');
    return { text, datatype: LANGUAGE_TEXT, language };
  }
  if (type === undefined) return readValue(place, content, namespaces);
  const datatype = readName(`${place}/type`, type, namespaces);
  return NAME_TYPES.includes(datatype) ? { iri: nameAt(place, text, namespaces) } : { text, datatype };
}

function readName(place: string, given: unknown, namespaces: Namespaces): Iri {
  const text = typeof given === 'object' && given !== null ? (given as Json)['$'] : given;
  if (typeof text !== 'string') throw malformed(place, 'a qualified name is a text such as "ex:report"');
  return nameAt(place, text, namespaces);
}

function readTimeAt(place: string, given: unknown): string {
  const [only] = severalAt(place, given);
  const text = typeof only?.[1] === 'object' ? (only[1] as Json | null)?.['$'] : only?.[1];
  const time = typeof text === 'string' ? readTime(text) : undefined;
  if (time === undefined)
    throw malformed(place, 'no xsd:dateTime', 'Write it as in "2026-03-02T10:30:00.000Z", with an offset.');
  return time;
}

function nameAt(place: string, written: string, namespaces: Namespaces): Iri {
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
const severalAt = (place: string, given: unknown): (readonly [place: string, value: unknown])[] =>
  Array.isArray(given)
    ? given.map((value, index) => [`${place}/${index}`, value] as const)
    : [[place, given] as const];

function objectAt(place: string, given: unknown, what = 'must be an object'): Json {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw malformed(place, what);
  return given as Json;
}

const escaped = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');
