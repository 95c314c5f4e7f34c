// A statement of many parts, of which one write seldom needs all: it is composed of those that have something to write.
// PostgreSQL opens a table with all its indexes for every part of a statement, also where that writes nothing.
import type { Statement } from '@weft/database';
import { isRecordset, recordsIn, type RecordColumn, type Recordset } from './columns.js';

export interface Parts {
  /** Whether there is any of this. */
  has(name: string): boolean;
  /** The parameter that carries it. */
  $(name: string): string;
  /** The rows that it is, as `v`. */
  records(name: string, columns: readonly RecordColumn[]): string;
}

/** Behind the name of rows: what they have in common. */
const SHARED = ' shared';

/**
 * What a write has, by name: a parameter, or true for what has none. What is undefined it has not. Rows have two parameters.
 */
export type Given = Readonly<Record<string, unknown>>;

export interface Composed {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/** One form of the statement for each set of parts, prepared once on each connection like any other. */
export function composed(name: string, text: (parts: Parts) => string): (given: Given) => Composed {
  const forms = new Map<string, { readonly statement: Statement; readonly parameters: readonly string[] }>();
  const compose = (given: Given, number: number) => {
    const parameters: string[] = [];
    const $ = (part: string): string => {
      if (!parameters.includes(part)) parameters.push(part);
      return `$${parameters.indexOf(part) + 1}`;
    };
    const parts: Parts = {
      has: (part) => given[part] !== undefined,
      $,
      records: (part, columns) => recordsIn($(part), $(part + SHARED), columns),
    };
    return { statement: { name: `${name}-${number}`, text: text(parts) }, parameters };
  };
  return (given) => {
    const key = Object.keys(given)
      .filter((part) => given[part] !== undefined)
      .join();
    const form = forms.get(key) ?? compose(given, forms.size + 1);
    forms.set(key, form);
    return { statement: form.statement, values: form.parameters.map((part) => valueOf(given, part)) };
  };
}

function valueOf(given: Given, part: string): unknown {
  if (part.endsWith(SHARED)) return (given[part.slice(0, -SHARED.length)] as Recordset | undefined)?.shared;
  const value = given[part];
  return isRecordset(value) ? value.rows : value;
}

/** Common table expressions, those that there are. */
export const withAll = (...expressions: readonly (string | false)[]): string =>
  `with ${expressions.filter((one) => one !== false).join(',\n    ')}`;
