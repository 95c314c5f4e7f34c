// The parts that schemas of metadata are built of. A field is declared once; the JSON Schema, the form, the references and
// the weights of the search all come from it. Every length is bounded and every pattern takes time linear in the text.
import type { RegisteredSubtype } from '../node.js';
import type { ItemReference, ItemSchema, JsonObject, MetadataRule } from './item-type.js';

export interface Field {
  readonly schema: JsonObject;
  readonly ui: JsonObject;
  readonly optional: boolean;
  /** Below this field; the field itself is ''. */
  readonly references: readonly ItemReference[];
  readonly search: {
    readonly keywords: string[];
    readonly description: string[];
    readonly skipped: string[];
  };
}

type Fields = Readonly<Record<string, Field>>;
type Ui = Readonly<Record<string, unknown>>;

/** One line that is not blank. */
export const LINE = '^(?=.*\\S)[^\\x00-\\x1f\\x7f]+$';
/** Text that is not blank. */
export const TEXT = '\\S';
/** The id or pid of an item: visible ASCII. */
export const ITEM_ID = '^[!-~]+$';
export const WEB_URL = '^https?://';
export const ANY_URI = '^[A-Za-z][A-Za-z0-9+.-]*:';
export const DURATION =
  '^P(?=[0-9T])(?:[0-9]+(?:\\.[0-9]+)?W|(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\\.[0-9]+)?S)?)?)$';

const MAX_LINE = 250;
const MAX_TEXT = 20_000;
const MAX_URL = 2_048;

const none = (): Field['search'] => ({ keywords: [], description: [], skipped: [] });

const field = (title: string, description: string, schema: JsonObject, ui: Ui = {}): Field => ({
  schema: { title, description, ...schema },
  ui: { ...ui, ...placeholder(schema) },
  optional: false,
  references: [],
  search: none(),
});

const placeholder = ({ examples }: JsonObject): Ui =>
  Array.isArray(examples) ? { 'ui:placeholder': examples[0] as unknown } : {};

export const optional = (one: Field): Field => ({ ...one, optional: true });

/** Counts twice in the search, as keywords do. */
export const asKeywords = (one: Field): Field => ({ ...one, search: { ...one.search, keywords: [''] } });
/** Counts more than the rest in the search, as descriptions do. */
export const asDescription = (one: Field): Field => ({
  ...one,
  search: { ...one.search, description: [''] },
});
/** Is not searched. */
export const unsearched = (one: Field): Field => ({ ...one, search: { ...one.search, skipped: [''] } });
export const withHelp = (one: Field, help: string): Field => ({ ...one, ui: { ...one.ui, 'ui:help': help } });

export const line = (
  title: string,
  description: string,
  more: { max?: number; example?: string } = {},
): Field =>
  field(title, description, {
    type: 'string',
    minLength: 1,
    maxLength: more.max ?? MAX_LINE,
    pattern: LINE,
    ...(more.example === undefined ? {} : { examples: [more.example] }),
  });

export const text = (title: string, description: string, max = MAX_TEXT): Field =>
  field(
    title,
    description,
    { type: 'string', minLength: 1, maxLength: max, pattern: TEXT },
    { 'ui:widget': 'textarea', 'ui:options': { rows: 5 } },
  );

/** Text of a form of its own. */
export const formed = (title: string, description: string, pattern: string, example: string): Field =>
  field(title, description, { type: 'string', maxLength: 100, pattern, examples: [example] });

export const webUrl = (title: string, description: string, example: string): Field =>
  field(
    title,
    description,
    { type: 'string', maxLength: MAX_URL, format: 'uri', pattern: WEB_URL, examples: [example] },
    { 'ui:widget': 'uri' },
  );

export const anyUri = (title: string, description: string, example: string): Field =>
  field(title, description, {
    type: 'string',
    maxLength: MAX_URL,
    format: 'uri',
    pattern: ANY_URI,
    examples: [example],
  });

export const email = (title: string, description: string): Field =>
  field(
    title,
    description,
    { type: 'string', maxLength: 254, format: 'email', examples: ['ada@example.org'] },
    { 'ui:widget': 'email' },
  );

export const date = (title: string, description: string): Field =>
  field(
    title,
    description,
    { type: 'string', maxLength: 10, format: 'date', examples: ['2026-03-31'] },
    { 'ui:widget': 'date' },
  );

export const instant = (title: string, description: string): Field =>
  field(
    title,
    description,
    { type: 'string', maxLength: 40, format: 'date-time', examples: ['2026-03-31T12:00:00Z'] },
    { 'ui:widget': 'datetime' },
  );

export const flag = (title: string, description: string): Field =>
  field(title, description, { type: 'boolean' }, { 'ui:widget': 'radio' });

export const choice = (title: string, description: string, values: readonly string[]): Field =>
  field(title, description, { type: 'string', enum: values }, { 'ui:widget': 'select' });

export const number = (title: string, description: string, limits: JsonObject): Field =>
  field(title, description, { type: 'number', ...limits });

export const count = (title: string, description: string, least: number, most: number): Field =>
  field(title, description, { type: 'integer', minimum: least, maximum: most }, { 'ui:widget': 'updown' });

/** Names another item. */
export const itemId = (title: string, description: string, ...subtypes: RegisteredSubtype[]): Field => ({
  ...field(
    title,
    `${description} The id or the persistent identifier of an item.`,
    { type: 'string', minLength: 1, maxLength: 255, pattern: ITEM_ID },
    { 'ui:options': { subtypes }, 'ui:placeholder': 'ark:99999/w1…' },
  ),
  references: [{ path: '', subtypes, required: true, once: false }],
});

/** No two entries of the list that it stands in name the same item. */
export const namedOnce = (one: Field): Field => ({
  ...one,
  references: one.references.map((reference) => ({ ...reference, once: true })),
});

export const list = (title: string, description: string, items: Field, max: number): Field => ({
  ...below(items, '/*', false),
  schema: { title, description, type: 'array', maxItems: max, items: items.schema },
  ui: Object.keys(items.ui).length === 0 ? {} : { items: items.ui },
  optional: false,
});

/** Names of the caller's own choice, each with a text. */
export const texts = (title: string, description: string, max = 100): Field =>
  field(title, description, {
    type: 'object',
    maxProperties: max,
    propertyNames: { type: 'string', minLength: 1, maxLength: 100, pattern: LINE },
    additionalProperties: {
      title: 'Value',
      description: 'The text of this entry.',
      type: 'string',
      maxLength: 5_000,
    },
  });

export const group = (title: string, description: string, fields: Fields): Field => {
  const parts = Object.entries(fields);
  const lower = parts.map(([name, one]) => below(one, `/${name}`, one.optional));
  return {
    schema: {
      title,
      description,
      type: 'object',
      properties: Object.fromEntries(parts.map(([name, one]) => [name, one.schema])),
      required: parts.filter(([, one]) => !one.optional).map(([name]) => name),
      additionalProperties: false,
    },
    ui: {
      'ui:order': parts.map(([name]) => name),
      ...Object.fromEntries(
        parts.filter(([, one]) => Object.keys(one.ui).length > 0).map(([name, one]) => [name, one.ui]),
      ),
    },
    optional: false,
    references: lower.flatMap(({ references }) => references),
    search: {
      keywords: lower.flatMap(({ search }) => search.keywords),
      description: lower.flatMap(({ search }) => search.description),
      skipped: lower.flatMap(({ search }) => search.skipped),
    },
  };
};

function below(
  { references, search }: Field,
  step: string,
  loose: boolean,
): Pick<Field, 'references' | 'search'> {
  const lower = (paths: readonly string[]): string[] => paths.map((path) => `${step}${path}`);
  return {
    references: references.map((one) => ({
      ...one,
      path: `${step}${one.path}`,
      required: one.required && !loose,
    })),
    search: {
      keywords: lower(search.keywords),
      description: lower(search.description),
      skipped: lower(search.skipped),
    },
  };
}

/** A version of a type's schema. All types take `userMetadata`. */
export function itemSchema(definition: {
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly fields: Fields;
  readonly rules?: readonly MetadataRule[];
}): ItemSchema {
  const { version, title, description, rules = [] } = definition;
  const { schema, ui, references, search } = group(title, description, {
    ...definition.fields,
    userMetadata: optional(
      texts('User metadata', 'Anything else to say of the item, as names with texts of your own choice.'),
    ),
  });
  return {
    version,
    jsonSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema },
    uiSchema: ui,
    search,
    references,
    rules,
  };
}
