import type { EntitySchema, EntitySchemaColumnOptions } from 'typeorm';

type Columns = readonly (readonly [property: string, column: EntitySchemaColumnOptions])[];

const columnsOf = (table: EntitySchema<never> | EntitySchema): Columns =>
  Object.entries(table.options.columns as Record<string, EntitySchemaColumnOptions>);

/** `alias.column as "property", …`: a select list that gives the table's type, under a prefix where there are two. */
export const selectList = (
  table: EntitySchema<never> | EntitySchema,
  alias: string,
  prefix: string = '',
): string =>
  columnsOf(table)
    .map(([property, column]) => `${alias}.${column.name} as "${prefix}${property}"`)
    .join(', ');

/** The columns of a row that {@link selectList} put under a prefix. */
export const unprefixed = <Row>(row: Readonly<Record<string, unknown>>, prefix: string): Row =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  ) as Row;

const sqlType = (column: EntitySchemaColumnOptions): string =>
  `${String(column.type)}${column.array === true ? '[]' : ''}`;

export type RecordColumn = readonly [property: string, type: string];

/** Properties with the types of their columns. */
export const recordColumns = (
  table: EntitySchema<never> | EntitySchema,
  properties?: readonly string[],
): RecordColumn[] =>
  columnsOf(table)
    .filter(([property]) => properties === undefined || properties.includes(property))
    .map(([property, column]) => [property, sqlType(column)] as const);

/** `"property" type, …`: the row type of `json_to_record` and `json_to_recordset`. */
export const recordTypes = (columns: readonly RecordColumn[]): string =>
  columns.map(([property, type]) => `"${property}" ${type}`).join(', ');

export const recordType = (table: EntitySchema<never> | EntitySchema): string =>
  recordTypes(recordColumns(table));

/** The columns' names, for an insert. */
export const insertList = (table: EntitySchema<never> | EntitySchema): string =>
  columnsOf(table)
    .map(([, column]) => column.name)
    .join(', ');

/** `alias."property", …` in the order of {@link insertList}. */
export const valueList = (table: EntitySchema<never> | EntitySchema, alias: string): string =>
  columnsOf(table)
    .map(([property]) => `${alias}."${property}"`)
    .join(', ');

/** `column = alias."property", …` for an update of these properties. */
export const updateList = (
  table: EntitySchema<never> | EntitySchema,
  alias: string,
  properties: readonly string[],
): string =>
  columnsOf(table)
    .filter(([property]) => properties.includes(property))
    .map(([property, column]) => `${column.name} = ${alias}."${property}"`)
    .join(', ');

/** `column = excluded.column` for an upsert of these properties. */
export const conflictList = (
  table: EntitySchema<never> | EntitySchema,
  properties: readonly string[],
): string =>
  columnsOf(table)
    .filter(([property]) => properties.includes(property))
    .map(([, column]) => `${column.name} = excluded.${column.name}`)
    .join(', ');

/** By these rows are found: always a row's own, so that the planner sees a column and no expression. */
const KEYS = ['id', 'jobId', 'index', 'number'];

/**
 * The rows of a {@link recordset} by its two parameters, as `v`. Most of what jobs of one moment say is the same for all of
 * them: it is written once, and read once for all rows.
 */
export function recordsIn(rows: string, shared: string, columns: readonly RecordColumn[]): string {
  const shareable = columns.filter(([property]) => !KEYS.includes(property));
  const values = columns.map(([property]) =>
    KEYS.includes(property)
      ? `r."${property}"`
      : `coalesce(r."${property}", s."${property}") as "${property}"`,
  );
  return `(select ${values.join(', ')}
        from json_to_recordset(${rows}::json) as r(${recordTypes(columns)}), json_to_record(${shared}::json) as s(${recordTypes(shareable)})) as v`;
}

export interface Recordset {
  /** A JSON array of objects. */
  readonly rows: string;
  /** A JSON object of what all rows say alike. */
  readonly shared: string;
}

export const isRecordset = (value: unknown): value is Recordset =>
  typeof value === 'object' && value !== null && 'rows' in value && 'shared' in value;

/** Rows as JSON for {@link recordsIn}: what is null is left out, which is read as null. Undefined where there are none. */
export function recordset(rows: readonly object[], properties?: readonly string[]): Recordset | undefined {
  const [first, ...others] = rows as readonly Readonly<Record<string, unknown>>[];
  if (first === undefined) return undefined;
  const isShared = (property: string): boolean =>
    !KEYS.includes(property) && others.every((other) => isSame(first[property], other[property]));
  const shared = new Set(others.length === 0 ? [] : (properties ?? Object.keys(first)).filter(isShared));
  let records = recordOf(first, properties, shared);
  for (const other of others) records += `,${recordOf(other, properties, shared)}`;
  return { rows: `[${records}]`, shared: recordOf(first, [...shared]) };
}

/** Of objects only the same one; it is enough for what is mostly shared. */
function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  if (Array.isArray(one) && Array.isArray(other))
    return one === other || (one.length === 0 && other.length === 0);
  return one === other;
}

function recordOf(
  row: Readonly<Record<string, unknown>>,
  properties: readonly string[] = Object.keys(row),
  without?: ReadonlySet<string>,
): string {
  let record = '';
  for (const property of properties) {
    const value = row[property];
    if (value === null || value === undefined || without?.has(property) === true) continue;
    record += `${record === '' ? '' : ','}"${property}":${jsonOf(value)}`;
  }
  return `{${record}}`;
}

const PLAIN = /^[ !#-[\]-~]{0,64}$/;

/** Ids, words, numbers and times are most of what is written: for them this takes a third of what `JSON.stringify` does. */
function jsonOf(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (value instanceof Date) return `"${isoOf(value)}"`;
  return JSON.stringify(value);
}

const DIFFERENT_TIMES = 64;
const isoTimes = new Map<number, string>();
/** The rows of a statement say the same few times over and over. */
function isoOf(date: Date): string {
  const ms = date.getTime();
  const known = isoTimes.get(ms);
  if (known !== undefined) return known;
  const iso = date.toISOString();
  if (isoTimes.size >= DIFFERENT_TIMES) isoTimes.clear();
  isoTimes.set(ms, iso);
  return iso;
}
