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

/** `column type, …` with the property as name: the row type of `json_to_recordset`. */
export const recordType = (
  table: EntitySchema<never> | EntitySchema,
  properties?: readonly string[],
): string =>
  columnsOf(table)
    .filter(([property]) => properties === undefined || properties.includes(property))
    .map(([property, column]) => `"${property}" ${sqlType(column)}`)
    .join(', ');

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

/**
 * Rows as the JSON text of a recordset of {@link recordType}: what is null is left out, which is read as null.
 * Undefined where there are none.
 */
export function recordset(rows: readonly object[], properties?: readonly string[]): string | undefined {
  if (rows.length === 0) return undefined;
  const records = rows.map((row) => recordOf(row as Readonly<Record<string, unknown>>, properties));
  return `[${records.join()}]`;
}

function recordOf(
  row: Readonly<Record<string, unknown>>,
  properties: readonly string[] = Object.keys(row),
): string {
  let record = '';
  for (const property of properties) {
    const value = row[property];
    if (value === null || value === undefined) continue;
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
