// PROV-JSON (https://www.w3.org/submissions/prov-json/), as ProvToolbox and the `prov` library write it. The schema of
// the submission refuses what both write, so what is asked of a document is asked here.
import { ofType, type Attribute, type Bundle, type DictionaryEntry } from './document.js';
import type { ProvDocument, Statement, StatementSet } from './document.js';
import { parseJson, type Repeated } from './json.js';
import { malformed } from './malformed.js';
import {
  declarationProblem,
  expand,
  isBlank,
  namespaceOf,
  NO_NAMESPACES,
  within,
  type Iri,
  type Namespaces,
} from './namespaces.js';
import { escaped } from './places.js';
import { holdsEntries, readEntries } from './prov-json-dictionaries.js';
import {
  nameAt,
  notBlank,
  objectAt,
  readName,
  readTimeAt,
  readValue,
  severalAt,
  type Json,
} from './prov-json-values.js';
import {
  argumentsOf,
  DERIVATIONS,
  isElement,
  isStatementKind,
  isTime,
  keysOf,
  namesStatement,
  PROV,
  STATEMENT_KINDS,
  type StatementKind,
} from './terms.js';

/**
 * @param repeated what becomes of a member that its object names twice: `LAST` is for texts that were taken when it counted.
 * @throws PROV_MALFORMED with the place as a JSON Pointer; of what is no JSON, line and column.
 */
export function readProvJson(text: string, repeated: Repeated = 'REFUSED'): ProvDocument {
  const json = text.replace(/^\uFEFF/, '');
  const document = objectAt('', parseJson(json, repeated), 'must be an object of JSON');
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
  const namespaces = within(
    outer,
    readPrefixes(`${place}/prefix`, 'prefix' in content ? content['prefix'] : {}),
  );
  const statements: Statement[] = [];
  for (const [word, records] of Object.entries(content)) {
    if (word === 'prefix' || beside.includes(word)) continue;
    const there = `${place}/${escaped(word)}`;
    const type = DERIVATIONS.get(word);
    const kind = type === undefined ? word : 'wasDerivedFrom';
    if (!isStatementKind(kind))
      throw malformed(
        there,
        word === 'bundle' ? 'a bundle holds no bundles' : 'no kind of PROV statement',
        `Known are ${STATEMENT_KINDS.join(', ')}.`,
      );
    for (const [name, given] of Object.entries(objectAt(there, records))) {
      const here = `${there}/${escaped(name)}`;
      const id = nameAt(here, name, namespaces);
      // A name that several records share is written once, with an array.
      for (const [at, record] of severalAt(here, given)) {
        const read = readRecord(at, kind, id, objectAt(at, record), namespaces);
        statements.push(...(type === undefined ? read : read.map((one) => ofType(one, type))));
      }
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
    // ProvToolbox declares what blank names begin with.
    if (prefix === '_') continue;
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
  let entries: readonly DictionaryEntry[] = [];
  for (const [word, given] of Object.entries(record)) {
    const here = `${place}/${escaped(word)}`;
    const argument = argumentOf(kind, word, namespaces);
    if (holdsEntries(kind, word)) entries = readEntries(here, word, given, namespaces);
    else if (argument === undefined) {
      const name = notBlank(here, nameAt(here, word, namespaces));
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
  const statement: Statement = { kind, id, args, attributes, entries };
  if (keysOf(kind) === 'key' && entries.length > 0) return entries.map((one) => withMember(statement, one));
  return members.length === 0
    ? [statement]
    : members.map((entity) => ({ ...statement, args: { ...args, entity } }));
}

/** By whichever prefix the document calls PROV's own namespace. */
function argumentOf(kind: StatementKind, word: string, namespaces: Namespaces): string | undefined {
  const iri = word.startsWith('prov:') ? PROV + word.slice('prov:'.length) : expand(namespaces, word);
  return argumentsOf(kind).find((one) => iri === PROV + one);
}

/** Of a dictionary, too, several members may be named at once. */
const withMember = (
  statement: Statement,
  { key, entity = statement.args['entity'] }: DictionaryEntry,
): Statement => ({
  ...statement,
  args: { ...statement.args, entity },
  entries: [{ key }],
});

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
