// The ten types of items, by name.
import type { RegisteredSubtype } from '../node.js';
import { CREATE } from './create.js';
import { DATASET } from './dataset.js';
import { DATASET_TEMPLATE } from './dataset-template.js';
import type { ItemSchema, ItemType } from './item-type.js';
import { MODEL } from './model.js';
import { MODEL_RUN } from './model-run.js';
import { MODEL_RUN_WORKFLOW_TEMPLATE } from './model-run-workflow-template.js';
import { ORGANISATION } from './organisation.js';
import { PERSON } from './person.js';
import { STUDY } from './study.js';
import { VERSION } from './version.js';

const TYPES: Readonly<Record<RegisteredSubtype, ItemType>> = {
  PERSON,
  ORGANISATION,
  MODEL,
  MODEL_RUN_WORKFLOW_TEMPLATE,
  DATASET,
  DATASET_TEMPLATE,
  MODEL_RUN,
  STUDY,
  CREATE,
  VERSION,
};

export const itemTypeOf = (subtype: RegisteredSubtype): ItemType => TYPES[subtype];

export const currentSchema = (subtype: RegisteredSubtype): ItemSchema =>
  TYPES[subtype].schemas.at(-1) as ItemSchema;

export const schemaOf = (subtype: RegisteredSubtype, version: number): ItemSchema | undefined =>
  TYPES[subtype].schemas.find((schema) => schema.version === version);

/** The schema that a stored item was checked with, which stays for ever. */
export function pinnedSchema(subtype: RegisteredSubtype, version: number): ItemSchema {
  const schema = schemaOf(subtype, version);
  if (schema === undefined) throw new Error(`${subtype} has no version ${version} of its schema.`);
  return schema;
}

/** What a list shows of an item; for metadata that lacks its name, such as that of a seed, the title of the type. */
export const displayNameOf = (subtype: RegisteredSubtype, metadata: unknown): string =>
  TYPES[subtype].displayName(metadata)?.trim() || String(currentSchema(subtype).jsonSchema['title']);
