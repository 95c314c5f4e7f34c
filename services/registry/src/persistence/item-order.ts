// The orders of lists of items, each as an index has it.
import type { ItemOrder } from '../application/ports.js';
import { notOurs } from './cursor.js';

interface Place {
  /** What a node `n` is ordered by, and the same of a row `r` of its readers. */
  readonly node: string;
  readonly reader: string;
  /** As a cursor carries it, to the last digit; and back. */
  readonly told: (place: string) => string;
  readonly read: (parameter: string) => string;
  readonly form: RegExp;
}

interface OrderSql {
  /** Null: by the key alone, which is the order in which things were made. */
  readonly place: Place | null;
  readonly direction: 'asc' | 'desc';
}

/** By what names are ordered: whatever the locale of the database, and no longer than a row of an index may be. */
export const nameInOrder = (name: string): string => `left(lower(${name}), 200)`;

const NAME: Place = {
  node: `${nameInOrder('n.name')} collate "C"`,
  reader: 'r.name',
  told: (place) => place,
  read: (parameter) => `${parameter}::text`,
  form: /^.{0,400}$/s,
};

const UPDATE: Place = {
  node: 'coalesce(n.updated_at, n.created_at)',
  reader: 'r.updated_at',
  told: (place) => `(extract(epoch from ${place}) * 1000000)::bigint::text`,
  read: (parameter) => `(timestamptz 'epoch' + ${parameter}::bigint * interval '1 microsecond')`,
  form: /^\d{1,16}$/,
};

const ORDERS: Readonly<Record<ItemOrder, OrderSql>> = {
  NEWEST: { place: null, direction: 'desc' },
  OLDEST: { place: null, direction: 'asc' },
  LAST_UPDATED: { place: UPDATE, direction: 'desc' },
  FIRST_UPDATED: { place: UPDATE, direction: 'asc' },
  NAME: { place: NAME, direction: 'asc' },
  NAME_DESCENDING: { place: NAME, direction: 'desc' },
};

/** Where a list goes on: after the node with this key, and where it was ordered by more, after this place of it. */
export interface After {
  readonly key: number;
  readonly place: string | null;
}

/** What the text of a statement needs of an order. `given` takes a value and gives its parameter. */
export function inOrder(order: ItemOrder, after: After | null, given: (value: unknown) => string) {
  const { place, direction } = ORDERS[order];
  const beyond = direction === 'asc' ? '>' : '<';
  const key = after === null ? '' : given(after.key);
  const at = after === null || place === null ? '' : given(after.place);
  const comesAfter = (column: string, id: string): string => {
    if (after === null) return '';
    // By -id, as the index has it: see the migration that made it.
    return place === null
      ? `and -${id} ${direction === 'asc' ? '<' : '>'} -${key}::bigint`
      : `and (${column}, ${id}) ${beyond} (${place.read(at)}, ${key}::bigint)`;
  };
  const by = (column: string, id: string): string =>
    place === null
      ? `-${id} ${direction === 'asc' ? 'desc' : 'asc'}`
      : `${column} ${direction}, ${id} ${direction}`;
  const [ofNode, ofReader] = [place?.node ?? '', place?.reader ?? ''];
  return {
    /** Of nodes `n`. */
    node: {
      place: place === null ? `null::text as place` : `${ofNode} as place`,
      after: comesAfter(ofNode, 'n.id'),
      by: by(ofNode, 'n.id'),
    },
    /** Of readers `r`. */
    reader: {
      place: place === null ? `null::text as place` : `${ofReader} as place`,
      after: comesAfter(ofReader, 'r.node'),
      by: by(ofReader, 'r.node'),
    },
    /** Of rows with `key` and `place`. */
    rows: place === null ? `key ${direction}` : `place ${direction}, key ${direction}`,
    told: place === null ? 'null::text' : place.told('place'),
  };
}

/** The place that a cursor of this order carries; refuses those of other orders. */
export function placeOf(order: ItemOrder, told: readonly string[]): string | null {
  const { place } = ORDERS[order];
  const [by, at = ''] = told;
  if (place === null ? told.length === 0 : by === columnOf(order) && told.length === 2 && place.form.test(at))
    return place === null ? null : at;
  throw notOurs();
}

/** Marks cursors: those of one order are none of another. */
const columnOf = (order: ItemOrder): string => (ORDERS[order].place === NAME ? 'name' : 'update');

/** What a cursor carries beside the id. */
export const toldPlace = (order: ItemOrder, place: string | null): readonly string[] =>
  place === null ? [] : [columnOf(order), place];
