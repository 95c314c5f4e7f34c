export { currentSchema, displayNameOf, itemTypeOf, schemaOf } from './catalogue.js';
export { checkMetadata, soundPlaces } from './check-metadata.js';
export { RESOURCE_USAGES } from './dataset-template.js';
export { type ItemReference, type ItemSchema, type ItemType, type JsonObject } from './item-type.js';
export { isStorable, MAX_METADATA_BYTES, shapeViolations } from './json-shape.js';
export { mentionsOf, referencesOf, type NamedItem } from './references.js';
export { searchTextsOf, type SearchTexts } from './search-texts.js';
