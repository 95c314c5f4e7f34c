import { append } from './append.js';
import {
  type Attribute,
  type ProvDocument,
  type Statement,
  type StatementSet,
  type Value,
} from './document.js';
import { LANGUAGE_TEXT, STRING } from './literals.js';
import { createCompactor, type Compactor, type Namespaces } from './namespaces.js';
import { writeEntries } from './prov-json-dictionaries.js';
import { argumentsOf, isTime, keysOf, STATEMENT_KINDS } from './terms.js';

type Json = Readonly<Record<string, unknown>>;

/** The document as an object of PROV-JSON, ready for `JSON.stringify`. */
export function writeProvJson(document: ProvDocument): Json {
  const names = createCompactor(withoutDefault(document.namespaces));
  const own = writeSet(document, names);
  const bundles = document.bundles.map(({ id, ...set }) => {
    const inner = createCompactor(withoutDefault({ ...set.namespaces, outer: undefined }), names);
    const content = writeSet(set, inner);
    return [names.compact(id), { prefix: prefixesOf(inner), ...content }] as const;
  });
  return {
    prefix: prefixesOf(names),
    ...own,
    ...(bundles.length === 0 ? {} : { bundle: Object.fromEntries(bundles) }),
  };
}

/** A prefix that somebody called so; in PROV-JSON it would be the namespace of names without one. */
const withoutDefault = ({ prefixes, fallback, outer }: Namespaces): Namespaces => ({
  prefixes: new Map([...prefixes].filter(([prefix]) => prefix !== 'default')),
  fallback,
  ...(outer && { outer: withoutDefault(outer) }),
});

function writeSet({ statements }: StatementSet, names: Compactor): Json {
  const taken = new Set(statements.flatMap(({ id, args }) => [id, ...Object.values(args)]));
  let unnamed = 0;
  const unusedName = (): string => {
    do unnamed += 1;
    while (taken.has(`_:n${unnamed}`));
    return `_:n${unnamed}`;
  };
  const kinds = STATEMENT_KINDS.flatMap((kind) => {
    const records = new Map<string, Json[]>();
    for (const statement of statements) {
      if (statement.kind !== kind) continue;
      const name = statement.id === undefined ? unusedName() : names.compact(statement.id);
      append(records, name, writeRecord(statement, names));
    }
    return records.size === 0 ? [] : [[kind, Object.fromEntries([...records].map(oneOrMore))] as const];
  });
  return Object.fromEntries(kinds);
}

function writeRecord({ kind, args, attributes, entries = [] }: Statement, names: Compactor): Json {
  // A member of a dictionary stands with its key.
  const { entity: member, ...others } = args;
  const hasKey = keysOf(kind) === 'key' && entries.length > 0;
  const stated = hasKey ? others : args;
  const formal = argumentsOf(kind).flatMap((name) => {
    const value = stated[name];
    return value === undefined
      ? []
      : [[`prov:${name}`, isTime(name) ? value : names.compact(value)] as const];
  });
  const keyed = writeEntries(
    kind,
    hasKey ? entries.map((one) => ({ entity: member, ...one })) : entries,
    (value) => writeValue(value, names),
    names,
  );
  return Object.fromEntries([...formal, ...keyed, ...writeAttributes(attributes, names)]);
}

function writeAttributes(attributes: readonly Attribute[], names: Compactor): (readonly [string, unknown])[] {
  const values = new Map<string, unknown[]>();
  for (const { name, value } of attributes) {
    const word = names.compact(name);
    append(values, word, writeValue(value, names));
  }
  return [...values].map(oneOrMore);
}

const oneOrMore = <T>([name, all]: readonly [string, readonly T[]]): readonly [string, T | readonly T[]] => [
  name,
  all.length === 1 ? (all[0] as T) : all,
];

function writeValue(value: Value, names: Compactor): unknown {
  if ('iri' in value) return { $: names.compact(value.iri), type: 'prov:QUALIFIED_NAME' };
  if (value.datatype === LANGUAGE_TEXT) return { $: value.text, lang: value.language };
  if (value.datatype === STRING) return value.text;
  return { $: value.text, type: names.compact(value.datatype) };
}

const prefixesOf = ({ prefixes, fallback }: Compactor): Json =>
  Object.fromEntries([...(fallback === undefined ? [] : [['default', fallback] as const]), ...prefixes]);
