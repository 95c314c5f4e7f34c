// What an item may be: ten types, each with the versions of the schema of its metadata. An item keeps the version that it was written with.
import type { NodeKind, RegisteredSubtype } from '../node.js';

/** A JSON document that is handed out as it is. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What is wrong with metadata, and where, outermost first: `['inputTemplates', '2', 'templateId']`. */
export interface Violation {
  readonly path: readonly string[];
  readonly message: string;
}

/** A rule that JSON Schema cannot say. It is asked about metadata of any shape, and is silent where the shape is wrong. */
export type MetadataRule = (metadata: unknown) => readonly Violation[];

/** A place of the metadata that names another item by its id or pid. */
export interface ItemReference {
  /** JSON Pointer in which `*` stands for each entry of a list: `/inputTemplates/*\/templateId`. */
  readonly path: string;
  /** What the item that is named may be. */
  readonly subtypes: readonly RegisteredSubtype[];
  /** Whether metadata cannot be without it. */
  readonly required: boolean;
  /** Whether no two places of the path name the same item, in whatever way each does. */
  readonly once: boolean;
}

/** Places (as those of references) by their weight in the search; everything else that is text has the lowest. */
export interface SearchPlaces {
  readonly keywords: readonly string[];
  readonly description: readonly string[];
  /** Text that nobody searches for: coordinates. */
  readonly skipped: readonly string[];
}

export interface ItemSchema {
  readonly version: number;
  /** Draft 2020-12. */
  readonly jsonSchema: JsonObject;
  /** For forms, in the words of react-jsonschema-form. A field that names items has `ui:options: { subtypes }`. */
  readonly uiSchema: JsonObject;
  readonly search: SearchPlaces;
  readonly references: readonly ItemReference[];
  readonly rules: readonly MetadataRule[];
}

export interface ItemType {
  readonly subtype: RegisteredSubtype;
  readonly category: NodeKind;
  readonly versionable: boolean;
  /** REGISTRY: no one creates or edits such items as items; workflows (CREATE, VERSION) or mutations of their own (MODEL_RUN) do. */
  readonly writtenBy: 'PEOPLE' | 'REGISTRY';
  /** From version 1 upwards without a gap; the last is current. A published one is never edited, a change is the next version. */
  readonly schemas: readonly ItemSchema[];
  /** Undefined where the metadata lacks what the name is made of. */
  readonly displayName: (metadata: unknown) => string | undefined;
}
