import type { Iri, Namespaces } from './namespaces.js';
import { LANGUAGE_TEXT, sameText } from './literals.js';
import { argumentsOf, isTime, PROV, type StatementKind } from './terms.js';
import { instantOf } from './times.js';

/** What an attribute says. */
export type Value =
  /** Names something. */
  | { readonly iri: Iri }
  /** `text` as it was written, of this XML Schema (or other) type; with a language it is {@link LANGUAGE_TEXT}. */
  | { readonly text: string; readonly datatype: Iri; readonly language?: string };

export interface Attribute {
  readonly name: Iri;
  readonly value: Value;
}

/** A key of a dictionary, and what stands under it where the statement says so here. */
export interface DictionaryEntry {
  readonly key: Value;
  readonly entity?: Iri;
}

/** One statement of PROV-DM. Of an element the id is the thing's own; relations mostly have none. */
export interface Statement {
  readonly kind: StatementKind;
  readonly id: Iri | undefined;
  /** By the names of `FORMS`: IRIs, and times as `xsd:dateTime` with an offset. What is not stated is left out. */
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly attributes: readonly Attribute[];
  /** Of statements about dictionaries: what was inserted, the keys that were removed, the one key of a member. */
  readonly entries?: readonly DictionaryEntry[];
}

export interface StatementSet {
  readonly namespaces: Namespaces;
  readonly statements: readonly Statement[];
}

/** A named set of statements; its name may itself be described as an entity. */
export interface Bundle extends StatementSet {
  readonly id: Iri;
}

export interface ProvDocument extends StatementSet {
  readonly bundles: readonly Bundle[];
}

/** The statement with a `prov:type` of its own. */
export const ofType = (statement: Statement, type: Iri): Statement => ({
  ...statement,
  attributes: [...statement.attributes, { name: `${PROV}type`, value: { iri: type } }],
});

/** A statement as one text: two are the same statement exactly if these are equal. */
export function statementKey({ kind, id, args, attributes, entries = [] }: Statement): string {
  const values = argumentsOf(kind).map((name) => {
    const value = args[name];
    return value === undefined ? null : isTime(name) ? instantOf(value) : value;
  });
  // Alternates are each other's (PROV-CONSTRAINTS, inference 18), and writers differ in whom they name first.
  if (kind === 'alternateOf') values.sort();
  const described = attributes.map(({ name, value }) => JSON.stringify([name, valueKey(value)]));
  const keyed = entries.map(({ key, entity }) => JSON.stringify([valueKey(key), entity ?? null]));
  return JSON.stringify([kind, id ?? null, values, asSet(described), asSet(keyed)]);
}

const asSet = (keys: readonly string[]): string[] => [...new Set(keys)].sort();

const valueKey = (value: Value): readonly string[] =>
  'iri' in value
    ? [value.iri]
    : value.language === undefined
      ? [sameText(value.text, value.datatype), value.datatype]
      : [value.text, LANGUAGE_TEXT, value.language.toLowerCase()];

/** What a document states, each statement once, those of bundles under the bundle's name. */
export function statementsOf(document: ProvDocument): ReadonlySet<string> {
  const own = document.statements.map(statementKey);
  const bundled = document.bundles.flatMap(({ id, statements }) => [
    JSON.stringify(['bundle', id]),
    ...statements.map((one) => `${id} ${statementKey(one)}`),
  ]);
  return new Set([...own, ...bundled]);
}

/** What only one of two documents states: nothing, if they are the same provenance. */
export function difference(
  one: ProvDocument,
  other: ProvDocument,
): { readonly onlyOne: readonly string[]; readonly onlyOther: readonly string[] } {
  const [these, those] = [statementsOf(one), statementsOf(other)];
  return {
    onlyOne: [...these].filter((key) => !those.has(key)),
    onlyOther: [...those].filter((key) => !these.has(key)),
  };
}
