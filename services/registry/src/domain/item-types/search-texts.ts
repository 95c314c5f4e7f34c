import type { RegisteredSubtype } from '../node.js';
import { pinnedSchema } from './catalogue.js';
import type { ItemSchema, JsonObject } from './item-type.js';

/** What the search looks through, by weight; the name of the item is not among it, unless the metadata has it elsewhere. */
export interface SearchTexts {
  readonly keywords: string;
  readonly description: string;
  /** All other texts, and the names of entries of the caller's own choice. */
  readonly rest: string;
}

export function searchTextsOf(subtype: RegisteredSubtype, version: number, metadata: unknown): SearchTexts {
  const { jsonSchema, search } = pinnedSchema(subtype, version);
  const found = { keywords: [] as string[], description: [] as string[], rest: [] as string[] };
  gather(metadata, jsonSchema, '', (text, pattern) => {
    const kind = weightOf(search, pattern);
    if (kind !== undefined) found[kind].push(text);
  });
  return {
    keywords: found.keywords.join('\n'),
    description: found.description.join('\n'),
    rest: found.rest.join('\n'),
  };
}

function weightOf(search: ItemSchema['search'], pattern: string): keyof SearchTexts | undefined {
  if (search.skipped.includes(pattern)) return undefined;
  if (search.keywords.includes(pattern)) return 'keywords';
  return search.description.includes(pattern) ? 'description' : 'rest';
}

/** Follows the schema, which says which names are its own and which are the caller's, and how deep it goes. */
function gather(
  value: unknown,
  schema: JsonObject,
  pattern: string,
  tell: (text: string, pattern: string) => void,
): void {
  if (typeof value === 'string') return tell(value, pattern);
  if (typeof value !== 'object' || value === null) return;
  const { items, properties, additionalProperties } = schema as {
    items?: JsonObject;
    properties?: Readonly<Record<string, JsonObject>>;
    additionalProperties?: JsonObject | false;
  };
  if (Array.isArray(value)) {
    if (items !== undefined) for (const entry of value) gather(entry, items, `${pattern}/*`, tell);
    return;
  }
  for (const [name, child] of Object.entries(value)) {
    const own = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (own !== undefined) gather(child, own, `${pattern}/${name}`, tell);
    else if (typeof additionalProperties === 'object') {
      tell(name, `${pattern}/*`);
      gather(child, additionalProperties, `${pattern}/*`, tell);
    }
  }
}
