// Turns what Ajv says into sentences for the person in front of the form: where, and what is expected there.
import type { ErrorObject } from 'ajv';
import type { JsonObject, Violation } from './item-type.js';
import { ANY_URI, ITEM_ID, LINE, TEXT, WEB_URL } from './fields.js';
import { at } from './places.js';

const PATTERNS: Readonly<Record<string, string>> = {
  [LINE]: 'one line of text that is not blank',
  [TEXT]: 'text that is not blank',
  [ITEM_ID]: 'the id or persistent identifier of an item, without spaces',
  [WEB_URL]: 'a web address that begins with http:// or https://',
  [ANY_URI]: 'an address that begins with its scheme, such as https:',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  uri: 'an address (URI) without spaces and with all other characters encoded',
  date: 'a day as year-month-day',
  'date-time':
    'a time as RFC 3339 has it: on a day that exists, with seconds from 00 to 59 and its offset from UTC',
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  integer: 'a whole number',
  object: 'an object',
  array: 'a list',
};

/** Undefined: another error says the same better. */
export function describeViolation(error: ErrorObject): Violation | undefined {
  const path = error.instancePath.split('/').slice(1).map(unescaped);
  const parent = error.parentSchema as JsonObject;
  const params = error.params as Readonly<Record<string, unknown>>;
  const tell = (expected: string): Violation => ({ path, message: `${nameOf(parent, path)}: ${expected}.` });
  // Of the name of an entry: the error of `propertyNames` follows.
  if (error.propertyName !== undefined && error.keyword !== 'propertyNames') return undefined;
  switch (error.keyword) {
    case 'required': {
      const name = String(params['missingProperty']);
      const missing = at(parent, 'properties', name) as JsonObject;
      return {
        path: [...path, name],
        message: `${String(missing['title'])} is missing. ${String(missing['description'])}`,
      };
    }
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const known = Object.keys(at(parent, 'properties') as object).join(', ');
      return { path: [...path, name], message: `There is no such field here; there are: ${known}.` };
    }
    case 'propertyNames':
      return {
        path: [...path, String(params['propertyName'])],
        message: `${nameOf(parent, path)}: the name of an entry has 1 to 100 characters, is not blank and has no line break.`,
      };
    case 'type':
      return tell(`it is ${KINDS[String(params['type'])] ?? String(params['type'])}`);
    case 'enum':
      return tell(`it is one of ${(params['allowedValues'] as readonly string[]).join(', ')}`);
    case 'minLength':
      return tell('it is not empty');
    case 'maxLength':
      return tell(`it has at most ${limitOf(params)} characters`);
    case 'maxItems':
      return tell(`it has at most ${limitOf(params)} entries`);
    case 'maxProperties':
      return tell(`it has at most ${limitOf(params)} entries`);
    case 'minimum':
      return tell(`it is ${limitOf(params)} at least`);
    case 'maximum':
      return tell(`it is ${limitOf(params)} at most`);
    case 'exclusiveMinimum':
      return tell(`it is more than ${limitOf(params)}`);
    case 'pattern':
      return tell(`it is ${PATTERNS[String(params['pattern'])] ?? 'of another form'}${example(parent)}`);
    case 'format':
      return tell(`it is ${FORMATS[String(params['format'])] ?? String(params['format'])}${example(parent)}`);
    default:
      return tell(error.message ?? 'it does not fit the schema');
  }
}

const nameOf = (schema: JsonObject, path: readonly string[]): string =>
  String(schema['title'] ?? path.at(-1) ?? 'Metadata');

const limitOf = (params: Readonly<Record<string, unknown>>): string => String(params['limit']);

const example = ({ examples }: JsonObject): string =>
  Array.isArray(examples) ? `, for example ${String(examples[0])}` : '';

const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
