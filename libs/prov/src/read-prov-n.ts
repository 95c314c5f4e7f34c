// PROV-N, the notation for people (https://www.w3.org/TR/prov-n/). A marker `-` and an argument that is left out mean the
// same; attributes and an id may stand wherever the `prov` library or ProvToolbox write them.
import {
  LANGUAGE_TEXT,
  STRING,
  type Attribute,
  type Bundle,
  type ProvDocument,
  type Statement,
  type Value,
} from './document.js';
import type { AppError } from '@weft/errors';
import { malformed } from './malformed.js';
import {
  declarationProblem,
  expand,
  namespaceOf,
  NO_NAMESPACES,
  plainName,
  within,
  type Iri,
  type Namespaces,
} from './namespaces.js';
import { tokensOf, type Token } from './prov-n-lexer.js';
import { NAME_TYPES } from './read-prov-json.js';
import {
  argumentsOf,
  EXTENSION,
  isElement,
  isStatementKind,
  isTime,
  PROV,
  STATEMENT_KINDS,
  XSD,
  type StatementKind,
} from './terms.js';
import { readTime } from './times.js';

const INTEGER = /^-?\d+$/;
/** @throws PROV_MALFORMED with line and column. */
export function readProvN(text: string): ProvDocument {
  const tokens = createTokens(tokensOf(text));
  tokens.word('document');
  const namespaces = readDeclarations(tokens, NO_NAMESPACES);
  const statements: Statement[] = [];
  const bundles: Bundle[] = [];
  while (!tokens.takeWord('endDocument')) {
    if (tokens.takeWord('bundle')) {
      const { place } = tokens.next;
      const bundle = readBundle(tokens, namespaces);
      if (bundles.some(({ id }) => id === bundle.id)) throw malformed(place, 'a second bundle of this name');
      bundles.push(bundle);
    } else if (bundles.length > 0)
      throw malformed(tokens.next.place, 'statements of the document stand before its bundles');
    else statements.push(readStatement(tokens, namespaces));
  }
  if (tokens.next.type !== 'end') throw malformed(tokens.next.place, 'nothing stands behind endDocument');
  return { namespaces, statements, bundles };
}

function readBundle(tokens: Tokens, outer: Namespaces): Bundle {
  const name = tokens.take('word', 'the name of the bundle');
  const namespaces = readDeclarations(tokens, outer);
  const statements: Statement[] = [];
  while (!tokens.takeWord('endBundle')) statements.push(readStatement(tokens, namespaces));
  // The name belongs to the document; only what is declared nowhere but inside is taken from there.
  return { id: nameOf(name, within(namespaces, outer)), namespaces, statements };
}

function readDeclarations(tokens: Tokens, outer: Namespaces): Namespaces {
  const prefixes = new Map<string, Iri>();
  let fallback: Iri | undefined;
  for (;;) {
    const isDefault = tokens.takeWord('default');
    if (!isDefault && !tokens.takeWord('prefix')) return within(outer, { prefixes, fallback });
    const prefix = isDefault ? undefined : tokens.take('word', 'a prefix');
    const { text, place } = tokens.take('iri', 'an IRI such as <http://example.org/>');
    const iri = namespaceOf(text);
    const problem = declarationProblem(prefix?.text, iri);
    if (problem !== undefined) throw malformed(prefix?.place ?? place, problem);
    if (prefix === undefined) fallback = iri;
    else prefixes.set(prefix.text, iri);
  }
}

function readStatement(tokens: Tokens, namespaces: Namespaces): Statement {
  const word = tokens.take('word', 'a statement');
  const name = kindOf(word.text, namespaces);
  if (name === undefined)
    throw malformed(
      word.place,
      `"${word.text}" is no kind of statement`,
      `Known are ${STATEMENT_KINDS.join(', ')}.`,
    );
  tokens.mark('(');
  const id = isElement(name)
    ? nameOf(tokens.take('word', 'a name'), namespaces)
    : readOptionalId(tokens, namespaces);
  if (isElement(name)) tokens.takeMark(',');
  const args = readArguments(tokens, name, namespaces);
  const { next, afterComma } = tokens;
  const attributes = afterComma && tokens.takeMark('[') ? readAttributes(tokens, name, namespaces) : [];
  if (tokens.afterComma) throw unexpected(next, 'an argument or attributes');
  tokens.mark(')');
  return { kind: name, id, args, attributes };
}

/** By its bare name, or by one of PROV's own namespaces. */
function kindOf(word: string, namespaces: Namespaces): StatementKind | undefined {
  const iri = word.includes(':') ? (expand(namespaces, word) ?? '') : PROV + word;
  const name = [PROV, EXTENSION].find((namespace) => iri.startsWith(namespace));
  const local = iri.slice(name?.length ?? 0);
  return name !== undefined && isStatementKind(local) ? local : undefined;
}

/** `id;` or `-;` before the arguments. */
function readOptionalId(tokens: Tokens, namespaces: Namespaces): Iri | undefined {
  if (!tokens.isMark(';', 1)) return undefined;
  const id = tokens.takeMark('-') ? undefined : nameOf(tokens.take('word', 'a name'), namespaces);
  tokens.mark(';');
  return id;
}

function readArguments(tokens: Tokens, kind: StatementKind, namespaces: Namespaces): Record<string, string> {
  const args: Record<string, string> = {};
  for (const argument of argumentsOf(kind)) {
    if (tokens.isMark(')') || tokens.isMark('[')) return args;
    if (!tokens.takeMark('-')) {
      const word = tokens.take('word', isTime(argument) ? 'a time, or -' : 'a name, or -');
      args[argument] = isTime(argument) ? timeOf(word) : nameOf(word, namespaces);
    }
    if (!tokens.takeMark(',')) return args;
  }
  return args;
}

function readAttributes(tokens: Tokens, kind: StatementKind, namespaces: Namespaces): Attribute[] {
  const attributes: Attribute[] = [];
  if (tokens.takeMark(']')) return attributes;
  do {
    const word = tokens.take('word', 'the name of an attribute');
    const name = nameOf(word, namespaces);
    if (argumentsOf(kind).some((one) => name === PROV + one))
      throw malformed(word.place, `${word.text} is an argument of ${kind}, not an attribute`);
    tokens.mark('=');
    attributes.push({ name, value: readValue(tokens, namespaces) });
  } while (tokens.takeMark(','));
  tokens.mark(']');
  return attributes;
}

function readValue(tokens: Tokens, namespaces: Namespaces): Value {
  const { next } = tokens;
  if (next.type === 'quoted-name') return { iri: nameOf(tokens.take('quoted-name', ''), namespaces) };
  if (next.type === 'word') {
    if (!INTEGER.test(next.text)) throw malformed(next.place, 'a value is "text", \'a:name\' or an integer');
    return { text: tokens.take('word', '').text, datatype: `${XSD}int` };
  }
  const { text, place } = tokens.take('string', 'a value');
  if (tokens.next.type === 'language')
    return { text, datatype: LANGUAGE_TEXT, language: tokens.take('language', '').text };
  if (!tokens.takeMark('%%')) return { text, datatype: STRING };
  const datatype = nameOf(tokens.take('word', 'a type such as xsd:int'), namespaces);
  return NAME_TYPES.includes(datatype)
    ? { iri: nameOf({ type: 'quoted-name', text, place }, namespaces) }
    : { text, datatype };
}

function nameOf({ text, place }: Token, namespaces: Namespaces): Iri {
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

function timeOf({ text, place }: Token): string {
  const time = readTime(text);
  if (time === undefined)
    throw malformed(place, `"${text}" is no xsd:dateTime such as 2026-03-02T10:30:00.000Z`);
  return time;
}

type Tokens = ReturnType<typeof createTokens>;

/** The tokens from left to right, and what may come next. */
function createTokens(tokens: readonly Token[]) {
  let at = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
  const isMark = (text: string, ahead = 0): boolean =>
    peek(ahead).type === 'mark' && peek(ahead).text === text;
  const take = (type: Token['type'], what: string): Token => {
    const token = peek();
    if (token.type !== type) throw unexpected(token, what);
    at += 1;
    return token;
  };
  const takeMark = (text: string): boolean => {
    const found = isMark(text);
    if (found) at += 1;
    return found;
  };
  const takeWord = (text: string): boolean => {
    const found = peek().type === 'word' && peek().text === text;
    if (found) at += 1;
    return found;
  };
  return {
    get next(): Token {
      return peek();
    },
    isMark,
    take,
    takeMark,
    takeWord,
    mark(text: string): void {
      if (!takeMark(text)) throw unexpected(peek(), `"${text}"`);
    },
    word(text: string): void {
      if (!takeWord(text)) throw unexpected(peek(), `"${text}"`);
    },
    /** The token before is a comma: something must follow it. */
    get afterComma(): boolean {
      const before = tokens[at - 1];
      return before?.type === 'mark' && before.text === ',';
    },
  };
}

const unexpected = ({ type, text, place }: Token, what: string): AppError =>
  malformed(
    place,
    `expected ${what}, found ${type === 'end' ? 'the end of the text' : JSON.stringify(text)}`,
  );
