// PROV-N, the notation for people (https://www.w3.org/TR/prov-n/). A marker `-` and an argument that is left out mean the
// same; attributes and an id may stand wherever the `prov` library or ProvToolbox write them.
import { ofType, type Attribute, type Bundle, type ProvDocument, type Statement } from './document.js';
import { malformed } from './malformed.js';
import { declarationProblem, expand, namespaceOf, NO_NAMESPACES, within } from './namespaces.js';
import type { Iri, Namespaces } from './namespaces.js';
import { tokensOf } from './prov-n-lexer.js';
import { createTokens, unexpected, type Tokens } from './prov-n-tokens.js';
import { nameOf, readEntries, readValue, timeOf, wordOf } from './prov-n-values.js';
import {
  argumentsOf,
  DERIVATIONS,
  EXTENSION,
  isElement,
  isFormal,
  isStatementKind,
  isTime,
  PROV,
  STATEMENT_KINDS,
  type StatementKind,
} from './terms.js';

/** @throws PROV_MALFORMED with line and column. */
export function readProvN(text: string): ProvDocument {
  const tokens = createTokens(tokensOf(text));
  tokens.word('document');
  const namespaces = readDeclarations(tokens, NO_NAMESPACES);
  const statements: Statement[] = [];
  const bundles = new Map<Iri, Bundle>();
  while (!tokens.takeWord('endDocument')) {
    if (tokens.takeWord('bundle')) {
      const { place } = tokens.next;
      const bundle = readBundle(tokens, namespaces);
      if (bundles.has(bundle.id)) throw malformed(place, 'a second bundle of this name');
      bundles.set(bundle.id, bundle);
    } else if (bundles.size > 0)
      throw malformed(tokens.next.place, 'statements of the document stand before its bundles');
    else statements.push(readStatement(tokens, namespaces));
  }
  if (tokens.next.type !== 'end') throw malformed(tokens.next.place, 'nothing stands behind endDocument');
  return { namespaces, statements, bundles: [...bundles.values()] };
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
    if (prefix?.text === '_') continue;
    const problem = declarationProblem(prefix?.text, iri);
    if (problem !== undefined) throw malformed(prefix?.place ?? place, problem);
    const before = prefix === undefined ? fallback : prefixes.get(prefix.text);
    if (before !== undefined && before !== iri)
      throw malformed(prefix?.place ?? place, `a second namespace, after <${before}>`, 'Declare one only.');
    if (prefix === undefined) fallback = iri;
    else prefixes.set(prefix.text, iri);
  }
}

function readStatement(tokens: Tokens, namespaces: Namespaces): Statement {
  const word = tokens.take('word', 'a statement');
  const local = wordOfProv(word.text, namespaces);
  const type = DERIVATIONS.get(local);
  const name = type === undefined ? local : 'wasDerivedFrom';
  if (!isStatementKind(name))
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
  const entries = readEntries(tokens, name, namespaces);
  const { next, afterComma } = tokens;
  const attributes = afterComma && tokens.takeMark('[') ? readAttributes(tokens, name, namespaces) : [];
  if (tokens.afterComma) throw unexpected(next, 'an argument or attributes');
  tokens.mark(')');
  const statement: Statement = { kind: name, id, args, attributes, entries };
  return type === undefined ? statement : ofType(statement, type);
}

/** By its bare name, or by one of PROV's own namespaces; empty where it is of another. */
function wordOfProv(word: string, namespaces: Namespaces): string {
  if (!word.includes(':')) return word;
  const iri = expand(namespaces, word) ?? '';
  const namespace = [PROV, EXTENSION].find((one) => iri.startsWith(one));
  return namespace === undefined ? '' : iri.slice(namespace.length);
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
    if ([')', '[', '{'].some((mark) => tokens.isMark(mark))) return args;
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
    const name = wordOf(word, namespaces);
    if (name.startsWith(PROV) && isFormal(kind, name.slice(PROV.length)))
      throw malformed(word.place, `${word.text} is an argument of ${kind}, not an attribute`);
    tokens.mark('=');
    attributes.push({ name, value: readValue(tokens, namespaces) });
  } while (tokens.takeMark(','));
  tokens.mark(']');
  return attributes;
}
