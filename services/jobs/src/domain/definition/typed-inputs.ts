// The inputs of a start against the JSON Schema of its definition: every violation with its path, defaults filled in.
// Schemas are other people's input: they are bounded in size, and in the time that they may take.
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ranOut, tooExpensive, type InTime } from '../schema-check.js';

export const MAX_SCHEMA_BYTES = 64 * 1024;
const MAX_COMPILED = 200;
const MAX_TOLD = 50;
const MAX_CHECK_MS = 1_000;
const MAX_REASON = 300;

const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const OPTIONS = { strict: false, allErrors: true, useDefaults: true, logger: false } as const;

export interface TypedInputs {
  /** Whether this can be the schema of a definition's inputs. */
  checkSchema(organizationId: string, schema: unknown): UserError[];
  /**
   * The inputs with the defaults of those left out; or everything that is wrong with them.
   * @param key identifies the schema for ever, e.g. `<definition id>:<version>`.
   */
  fill(
    organizationId: string,
    key: string,
    schema: unknown,
    inputs: unknown,
  ): Outcome<Readonly<Record<string, unknown>>>;
}

export function createTypedInputs(inTime: InTime): TypedInputs {
  const compiled = new Map<string, ValidateFunction>();
  // The first of all takes ten times as long as those after it: it must not be somebody's.
  compile({ type: 'object' });
  const validatorOf = (key: string, schema: AnySchema): ValidateFunction => {
    const known = compiled.get(key) ?? compile(schema);
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value as string);
    compiled.set(key, known);
    return known;
  };
  return {
    checkSchema(_organizationId, schema) {
      if (schema === null) return [];
      const refuse = (message: string, ...inside: string[]): UserError[] => [
        userError('BAD_USER_INPUT', message, 'input', 'inputs', ...inside),
      ];
      if (!isObject(schema) || schema['type'] !== 'object')
        return refuse('inputs is a JSON Schema of an object: give it "type": "object" and "properties".');
      if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES)
        return refuse(`The schema of the inputs has at most ${MAX_SCHEMA_BYTES} bytes.`);
      try {
        const wrong = inTime(MAX_CHECK_MS, () => wrongDefault(compile(schema)));
        if (wrong === undefined) return [];
        const [name, ...inside] = steps(wrong.instancePath);
        const message = `The default of ${name} does not fit: ${wrong.message}.`;
        return refuse(message, 'properties', name as string, 'default', ...inside);
      } catch (error) {
        if (ranOut(error)) return [tooExpensive('inputs')];
        return refuse(`This is not a usable JSON Schema (2020-12 or draft-07): ${reasonOf(error)}.`);
      }
    },
    fill(_organizationId, key, schema, given) {
      if (!isObject(given ?? {})) return refused(noObject);
      const inputs = JSON.parse(JSON.stringify(given ?? {})) as Record<string, unknown>;
      if (schema === null) return takesNothing(given);
      try {
        const errors = inTime(MAX_CHECK_MS, () => {
          const validate = validatorOf(key, schema as AnySchema);
          return validate(inputs) === true ? [] : (validate.errors ?? []);
        });
        return errors.length === 0 ? done(inputs) : refused(...errors.slice(0, MAX_TOLD).map(told));
      } catch (error) {
        if (ranOut(error)) return refused(tooExpensive('inputs'));
        return refused(violation(`The inputs cannot be checked: ${reasonOf(error)}.`, []));
      }
    },
  };
}

/** The inputs where none are declared. */
export function takesNothing(given: unknown): Outcome<Readonly<Record<string, unknown>>> {
  if (!isObject(given ?? {})) return refused(noObject);
  const names = Object.keys(given ?? {});
  if (names.length === 0) return done({});
  return refused(
    ...names
      .slice(0, MAX_TOLD)
      .map((name) => violation(`The definition takes no inputs, so no ${name} either.`, [name])),
  );
}

function compile(schema: AnySchema): ValidateFunction {
  const { $schema: draft, $async } = schema as { $schema?: unknown; $async?: unknown };
  // An asynchronous validator answers with a promise, which would be taken for "valid".
  if ($async !== undefined) throw new Error('the keyword "$async" is not supported');
  const ajv = typeof draft === 'string' && DRAFT_07.test(draft) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS);
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/** What is wrong inside of the defaults alone: that others are missing is no fault of theirs. */
function wrongDefault(validate: ValidateFunction): ErrorObject | undefined {
  if (validate({}) === true) return undefined;
  return validate.errors?.find((error) => error.instancePath !== '');
}

function told(error: ErrorObject): UserError {
  const inside = steps(error.instancePath);
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const named = params.missingProperty ?? params.additionalProperty;
  const name = [...inside, ...(named === undefined ? [] : [named])];
  const what = name.length === 0 ? 'inputs' : name.join('.');
  if (params.missingProperty !== undefined) return violation(`${what} is required.`, name);
  if (params.additionalProperty !== undefined) return violation(`${what} is not an input.`, name);
  const allowed = (error.params as { allowedValues?: unknown[] }).allowedValues;
  const values = allowed === undefined ? '' : `: ${JSON.stringify(allowed).slice(0, MAX_REASON)}`;
  return violation(`${what} ${error.message ?? 'does not fit'}${values}.`, name);
}

/** The steps of a JSON Pointer. */
const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

const violation = (message: string, inside: readonly string[]): UserError =>
  userError('INPUT_SCHEMA_VIOLATION', message, 'input', 'inputs', ...inside);

const noObject = userError('BAD_USER_INPUT', 'inputs is an object.', 'input', 'inputs');

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
