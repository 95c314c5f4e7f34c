// Whether metadata fits its type: shape and size first, then the JSON Schema, then the rules that it cannot say. Nothing is
// coerced and no default filled in. The schemas are ours, so they are run here and not in a thread.
import { userError, type UserError } from '@weft/errors';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isInstant } from '../instant.js';
import type { RegisteredSubtype } from '../node.js';
import { currentSchema, schemaOf } from './catalogue.js';
import { describeViolation } from './describe-violation.js';
import type { ItemSchema, Violation } from './item-type.js';
import { shapeViolations } from './json-shape.js';

const MAX_TOLD = 100;

const ajv = new Ajv2020({ strict: true, allErrors: true, verbose: true, ownProperties: true, logger: false });
addFormats.default(ajv, ['email', 'uri', 'date']);
ajv.addFormat('date-time', isInstant);

const validators = new WeakMap<ItemSchema, ValidateFunction>();

/** All that is wrong, each with its path from `input`; empty: the metadata can be stored. */
export function checkMetadata(
  subtype: RegisteredSubtype,
  schemaVersion: number,
  metadata: unknown,
): UserError[] {
  const schema = schemaOf(subtype, schemaVersion);
  if (schema === undefined)
    return [
      userError(
        'ITEM_METADATA_INVALID',
        `${subtype} has no version ${schemaVersion} of its schema; the current one is ${currentSchema(subtype).version}.`,
        'input',
        'schemaVersion',
      ),
    ];
  const misshapen = shapeViolations(metadata);
  const violations = misshapen.length > 0 ? misshapen : oneEach(allViolations(schema, metadata));
  const told = violations.slice(0, MAX_TOLD).map(({ path, message }) => invalid(message, path));
  if (violations.length > MAX_TOLD)
    told.push(invalid(`${violations.length - MAX_TOLD} more are not listed.`, []));
  return told;
}

/**
 * Whether a place, from `metadata`, is sound as far as these misfits know: nothing is said of it, nor of what it lies in. What
 * else can be said of sound places is told together with the misfits.
 */
export function soundPlaces(misfits: readonly UserError[]): (path: readonly string[]) => boolean {
  const blamed = new Set(misfits.map(({ path }) => JSON.stringify(path.slice(METADATA.length))));
  return (path) => ![...path, ''].some((_, length) => blamed.has(JSON.stringify(path.slice(0, length))));
}

const METADATA = ['input', 'metadata'];

const invalid = (message: string, path: readonly string[]): UserError =>
  userError('ITEM_METADATA_INVALID', message, ...METADATA, ...path);

function* allViolations(schema: ItemSchema, metadata: unknown): Iterable<Violation> {
  const validate = validatorOf(schema);
  if (!validate(metadata))
    for (const error of validate.errors ?? []) {
      const violation = describeViolation(error);
      if (violation !== undefined) yield violation;
    }
  for (const rule of schema.rules) yield* rule(metadata);
}

/** The first of each place: a text that is empty is neither long enough nor of the right form, and once is enough. */
function oneEach(violations: Iterable<Violation>): Violation[] {
  const byPlace = new Map<string, Violation>();
  for (const violation of violations) {
    const place = JSON.stringify(violation.path);
    if (!byPlace.has(place)) byPlace.set(place, violation);
  }
  return [...byPlace.values()];
}

function validatorOf(schema: ItemSchema): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validate = ajv.compile(schema.jsonSchema);
  validators.set(schema, validate);
  return validate;
}
