import type { RegisteredSubtype } from '../node.js';
import { pinnedSchema } from './catalogue.js';
import { normalizeReference } from '../item.js';
import { placesOf } from './places.js';

export interface NamedItem {
  /** Where it is named, from `metadata`: `['inputs', '0', 'datasetId']`. */
  readonly path: readonly string[];
  /** Id or pid, as it was written. */
  readonly item: string;
  /** What it may be. */
  readonly subtypes: readonly RegisteredSubtype[];
}

/** The items that metadata names, once for each place. */
export const referencesOf = (subtype: RegisteredSubtype, version: number, metadata: unknown): NamedItem[] =>
  pinnedSchema(subtype, version).references.flatMap(({ path: pattern, subtypes }) =>
    placesOf(metadata, pattern).flatMap(({ path, value }) =>
      typeof value === 'string' ? [{ path, item: value, subtypes }] : [],
    ),
  );

/** Each of them once, in the one way to write it. */
export const mentionsOf = (subtype: RegisteredSubtype, version: number, metadata: unknown): string[] => [
  ...new Set(referencesOf(subtype, version, metadata).map(({ item }) => normalizeReference(item))),
];
