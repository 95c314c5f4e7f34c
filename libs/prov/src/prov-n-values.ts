// The values of PROV-N: literals, names and times, each read with its place.
import type { DictionaryEntry, Value } from './document.js';
import { LANGUAGE_TEXT, NAME_TYPES, plainType, STRING } from './literals.js';
import { GIVE_IRI, malformed } from './malformed.js';
import { expand, isBlank, plainName, type Iri, type Namespaces } from './namespaces.js';
import type { Token } from './prov-n-lexer.js';
import type { Tokens } from './prov-n-tokens.js';
import { keysOf, XSD, type StatementKind } from './terms.js';
import { readTime } from './times.js';

const INTEGER = /^-?\d+$/;

export function readValue(tokens: Tokens, namespaces: Namespaces): Value {
  const { next } = tokens;
  if (next.type === 'quoted-name') return { iri: nameOf(tokens.take('quoted-name', ''), namespaces) };
  if (next.type === 'word') {
    if (!INTEGER.test(next.text)) throw malformed(next.place, 'a value is "text", \'a:name\' or an integer');
    return { text: tokens.take('word', '').text, datatype: `${XSD}int` };
  }
  const { text, place } = tokens.take('string', 'a value');
  const language = tokens.next.type === 'language' ? tokens.take('language', '').text : undefined;
  const datatype = tokens.takeMark('%%') ? readType(tokens, namespaces) : STRING;
  // Some writers repeat the type of such texts behind the language.
  if (language !== undefined) return { text, datatype: LANGUAGE_TEXT, language };
  return NAME_TYPES.includes(datatype)
    ? { iri: nameOf({ type: 'quoted-name', text, place }, namespaces) }
    : { text, datatype: plainType(datatype) };
}

const readType = (tokens: Tokens, namespaces: Namespaces): Iri =>
  tokens.next.type === 'iri'
    ? tokens.take('iri', '').text
    : wordOf(tokens.take('word', 'a type such as xsd:int'), namespaces);

/** `"key"`, `{"key", …}` or `{("key", entity), …}`, as statements of this kind have them, and the comma behind. */
export function readEntries(tokens: Tokens, kind: StatementKind, namespaces: Namespaces): DictionaryEntry[] {
  const keys = keysOf(kind);
  if (keys === undefined || !tokens.afterComma || tokens.isMark('[')) return [];
  const entries: DictionaryEntry[] = [];
  if (keys === 'key') {
    if (!tokens.takeMark('-')) entries.push({ key: readValue(tokens, namespaces) });
  } else if (!tokens.takeMark('-')) {
    tokens.mark('{');
    while (!tokens.takeMark('}')) {
      if (entries.length > 0) tokens.mark(',');
      entries.push(keys === 'pairs' ? readPair(tokens, namespaces) : { key: readValue(tokens, namespaces) });
    }
  }
  tokens.takeMark(',');
  return entries;
}

function readPair(tokens: Tokens, namespaces: Namespaces): DictionaryEntry {
  tokens.mark('(');
  const key = readValue(tokens, namespaces);
  tokens.mark(',');
  const entity = tokens.takeMark('-') ? undefined : nameOf(tokens.take('word', 'a name, or -'), namespaces);
  tokens.mark(')');
  return { key, entity };
}

export function nameOf({ text, place }: Token, namespaces: Namespaces): Iri {
  const name = plainName(text);
  if (name === undefined) throw malformed(place, `"${text}" is no name: no IRI has such characters`);
  const iri = expand(namespaces, name);
  if (iri === undefined)
    throw malformed(
      place,
      `"${text}" has a prefix that is not declared, or none`,
      'Declare it with prefix or default.',
    );
  return iri;
}

/** The name of an attribute or a type: others can know what it means only by an IRI. */
export function wordOf(token: Token, namespaces: Namespaces): Iri {
  const iri = nameOf(token, namespaces);
  if (isBlank(iri)) throw malformed(token.place, `"${iri}" is a blank name, and has no meaning`, GIVE_IRI);
  return iri;
}

export function timeOf({ text, place }: Token): string {
  const time = readTime(text);
  if (time === undefined)
    throw malformed(place, `"${text}" is no xsd:dateTime such as 2026-03-02T10:30:00.000Z`);
  return time;
}
