// Checks data and params against the JSON Schemas of a service version. Schemas are other people's input: compiled ones
// are kept bounded, the time that one may take is bounded, and one that cannot be used refuses the value.
import { userError, type UserError } from '@weft/errors';
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { layOverValue } from './lay-over.js';

const MAX_COMPILED = 200;
const MAX_TOLD = 20;
const MAX_ALL_TOLD = 200;
const MAX_CHECK_MS = 1_000;
const MAX_REASON = 300;

// Marketplace takes both (its json-schema.ts).
const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const OPTIONS = {
  strict: false,
  allErrors: false,
  validateFormats: false,
  logger: false,
} as const;

/** Values to check, as JSON: merged, the items of a job may be 300 times as large as what was submitted. */
export interface SchemaCheck {
  /** Identifies the schema for ever, e.g. `<service version id>:data`. */
  readonly key: string;
  readonly schema: unknown;
  /** What all of them share. */
  readonly base: string | null;
  readonly values: readonly {
    /** Where the value stands in the input. */
    readonly path: readonly string[];
    /** What is laid over the base; null: the base it is. */
    readonly own: string | null;
  }[];
}

export interface SchemaChecker {
  /** @param organizationId whose turn it is: organizations do not wait for each other's expensive schemas. */
  check(organizationId: string, checks: readonly SchemaCheck[]): UserError[];
}

/** Does the work, or throws when it takes longer than this many milliseconds. */
export type InTime = <T>(ms: number, work: () => T) => T;

function compile(schema: AnySchema): ValidateFunction {
  const draft = typeof schema === 'object' ? (schema['$schema'] as unknown) : undefined;
  const ajv = typeof draft === 'string' && DRAFT_07.test(draft) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS);
  return ajv.compile(schema);
}

/** @param inTime ends a check wherever it is: `uniqueItems` of a megabyte would hold up everybody for minutes. */
export function createSchemaChecker(inTime: InTime): SchemaChecker {
  const compiled = new Map<string, ValidateFunction>();
  // The first of all takes ten times as long as those after it: it must not be somebody's.
  compile({ type: 'object' });

  const validatorOf = (key: string, schema: AnySchema): ValidateFunction => {
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const validate = compile(schema);
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value as string);
    compiled.set(key, validate);
    return validate;
  };

  const checkOne = ({ key, schema, base, values }: SchemaCheck): UserError[] => {
    if (schema === null || schema === undefined || schema === true) return [];
    const told: UserError[] = [];
    let place: readonly string[] = [];
    try {
      inTime(MAX_CHECK_MS, () => {
        const shared = parsed(base);
        for (const { path, own } of values) {
          place = path;
          const validate = validatorOf(key, schema as AnySchema);
          if (validate(own === null ? shared : layOverValue(shared, parsed(own))) !== true)
            for (const { instancePath, message } of validate.errors ?? [])
              told.push(violation(path, instancePath, message ?? 'does not fit the schema'));
          if (told.length >= MAX_TOLD) return;
        }
      });
    } catch (error) {
      if (ranOut(error)) return [tooExpensive(...place)];
      const reason = error instanceof Error ? error.message.slice(0, MAX_REASON) : String(error);
      told.push(
        violation(place, '', `cannot be checked against the schema of the service version: ${reason}`),
      );
    }
    return told;
  };

  return {
    check(_organizationId, checks) {
      const told: UserError[] = [];
      for (const check of checks) {
        told.push(...checkOne(check));
        if (told.some(({ code }) => code === 'SCHEMA_TOO_EXPENSIVE') || told.length >= MAX_ALL_TOLD) break;
      }
      return told;
    },
  };
}

/** What `vm` says when the time is over. */
export const ranOut = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

export const tooExpensive = (...path: readonly string[]): UserError =>
  userError(
    'SCHEMA_TOO_EXPENSIVE',
    'The check against the JSON Schema takes too long; simplify the schema, its patterns first, or give less.',
    'input',
    ...path,
  );

const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

const violation = (path: readonly string[], inside: string, message: string): UserError =>
  userError(
    'INPUT_SCHEMA_VIOLATION',
    `${path.at(-1)}${inside} ${message}.`,
    'input',
    ...path,
    ...inside.split('/').slice(1),
  );
