import {
  type Attribute,
  type ProvDocument,
  type Statement,
  type StatementSet,
  type Value,
} from './document.js';
import { LANGUAGE_TEXT, STRING } from './literals.js';
import { createCompactor, ESCAPABLE, isBlank, type Compactor, type Iri } from './namespaces.js';
import { argumentsOf, EXTENSION, isElement, isPlain, isTime, keysOf } from './terms.js';

/** The document in PROV-N, a statement a line. */
export function writeProvN(document: ProvDocument): string {
  const names = createCompactor(document.namespaces);
  const own = writeSet(document, names);
  const bundles = document.bundles.flatMap(({ id, ...set }) => {
    const inner = createCompactor(set.namespaces, names);
    const lines = writeSet(set, inner);
    return [
      '',
      `bundle ${nameOf(id, names)}`,
      ...[...declarations(inner), ...lines].map(indented),
      'endBundle',
    ];
  });
  return ['document', ...[...declarations(names), ...own, ...bundles].map(indented), 'endDocument', ''].join(
    '\n',
  );
}

/** Single statements in PROV-N, a line each, with the prefixes of the document or bundle that states them. */
export const statementLines = (set: StatementSet): string[] => writeSet(set, createCompactor(set.namespaces));

const indented = (line: string): string => (line === '' ? '' : `  ${line}`);

const declarations = ({ prefixes, fallback }: Compactor): string[] => [
  ...(fallback === undefined ? [] : [`default <${fallback}>`]),
  ...[...prefixes]
    .filter(([prefix]) => prefix !== 'prov')
    .map(([prefix, iri]) => `prefix ${prefix} <${iri}>`),
];

const writeSet = ({ statements }: StatementSet, names: Compactor): string[] =>
  statements.map((statement) => writeStatement(statement, names));

function writeStatement(statement: Statement, names: Compactor): string {
  const { kind, id, attributes } = statement;
  const described =
    attributes.length === 0 ? [] : [`[${attributes.map((one) => writeAttribute(one, names)).join(', ')}]`];
  const parts = [...writeArguments(statement, names), ...writeEntries(statement, names), ...described];
  if (isElement(kind)) return `${kind}(${[nameOf(id ?? '', names), ...parts].join(', ')})`;
  const isExtended = isPlain(kind) && (id !== undefined || described.length > 0);
  const word = isExtended
    ? names.compact(EXTENSION + kind)
    : keysOf(kind) === undefined
      ? kind
      : `prov:${kind}`;
  return `${word}(${id === undefined ? '' : `${nameOf(id, names)}; `}${parts.join(', ')})`;
}

/** In their order, `-` for what is not stated; those of an activity and of a derivation come all or not at all. */
function writeArguments({ kind, args }: Statement, names: Compactor): string[] {
  const order = argumentsOf(kind);
  const optional = kind === 'activity' ? 0 : kind === 'wasDerivedFrom' ? 2 : order.length;
  const stated = order.slice(optional).some((name) => args[name] !== undefined)
    ? order
    : order.slice(0, optional);
  return stated.map((name) => {
    const value = args[name];
    if (value === undefined) return '-';
    return isTime(name) ? value : nameOf(value, names);
  });
}

/** Always, so that attributes are not taken for keys. */
function writeEntries({ kind, entries = [] }: Statement, names: Compactor): string[] {
  const keys = keysOf(kind);
  if (keys === undefined) return [];
  const written = entries.map(({ key, entity }) => {
    const text = writeValue(key, names);
    return keys === 'pairs' ? `(${text}, ${entity === undefined ? '-' : nameOf(entity, names)})` : text;
  });
  return [keys === 'key' ? (written[0] ?? '-') : `{${written.join(', ')}}`];
}

const writeAttribute = ({ name, value }: Attribute, names: Compactor): string =>
  `${nameOf(name, names)} = ${writeValue(value, names)}`;

function writeValue(value: Value, names: Compactor): string {
  if ('iri' in value) return `'${nameOf(value.iri, names)}'`;
  if (value.datatype === LANGUAGE_TEXT) return `${quoted(value.text)}@${value.language ?? ''}`;
  if (value.datatype === STRING) return quoted(value.text);
  return `${quoted(value.text)} %% ${nameOf(value.datatype, names)}`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};
const quoted = (text: string): string =>
  `"${text.replace(/["\\\n\r\t\b\f]/gu, (char) => SPECIAL[char] ?? `\\${char}`)}"`;

/** A qualified name whose local part says literally what PROV-N would take for its own marks. */
function nameOf(iri: Iri, names: Compactor): string {
  const name = names.compact(iri);
  if (isBlank(name)) return name;
  const colon = name.indexOf(':');
  const local = name.slice(colon + 1);
  const written = [...local]
    .map((char, at) => (mustBeEscaped(char, at, local.length) ? `\\${char}` : char))
    .join('');
  return name.slice(0, colon + 1) + written;
}

/** A dot ends no name and a minus begins none; elsewhere both stand for themselves. */
const mustBeEscaped = (char: string, at: number, length: number): boolean => {
  if (char === '.') return at === 0 || at === length - 1;
  if (char === '-') return at === 0;
  return ESCAPABLE.includes(char);
};
