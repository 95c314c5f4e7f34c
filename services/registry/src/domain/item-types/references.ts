import type { RegisteredSubtype } from '../node.js';
import { pinnedSchema } from './catalogue.js';
import { normalizeReference } from '../item.js';
import { ITEM_ID } from './fields.js';
import { placesOf } from './places.js';

export interface NamedItem {
  /** Where it is named, from `metadata`: `['inputs', '0', 'datasetId']`. */
  readonly path: readonly string[];
  /** Id or pid, as it was written. */
  readonly item: string;
  /** What it may be. */
  readonly subtypes: readonly RegisteredSubtype[];
  /** The list in which each item is named once; null: it may be named again. */
  readonly onceIn: string | null;
}

const LONGEST = 255;
const SHAPE = new RegExp(ITEM_ID);

/** The items that metadata of any shape names, once for each place; what cannot be a name of one is told by the schema. */
export const referencesOf = (subtype: RegisteredSubtype, version: number, metadata: unknown): NamedItem[] =>
  pinnedSchema(subtype, version).references.flatMap(({ path: pattern, subtypes, once }) =>
    placesOf(metadata, pattern).flatMap(({ path, value }) =>
      typeof value === 'string' && value.length <= LONGEST && SHAPE.test(value)
        ? [{ path, item: value, subtypes, onceIn: once ? pattern : null }]
        : [],
    ),
  );

/** Each of them once, in the one way to write it. */
export const mentionsOf = (subtype: RegisteredSubtype, version: number, metadata: unknown): string[] => [
  ...new Set(referencesOf(subtype, version, metadata).map(({ item }) => normalizeReference(item))),
];
