import type { RegisteredSubtype } from '../node.js';
import { pinnedSchema } from './catalogue.js';
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
