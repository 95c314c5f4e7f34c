export { currentSchema, displayNameOf, itemTypeOf, schemaOf } from './catalogue.js';
export { checkMetadata } from './check-metadata.js';
export { RESOURCE_USAGES } from './dataset-template.js';
export { type ItemReference, type ItemSchema, type ItemType, type JsonObject } from './item-type.js';
export { MAX_METADATA_BYTES } from './json-shape.js';
export { mentionsOf, referencesOf, type NamedItem } from './references.js';
export { searchTextsOf, type SearchTexts } from './search-texts.js';
