// Checks data and params against the JSON Schemas of a service version. Schemas are other people's input:
// compiled ones are kept bounded, and `main.ts` switches V8 to its linear regular-expression engine on excessive backtracking.
import { userError, type UserError } from '@weft/errors';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const MAX_COMPILED = 200;
const MAX_TOLD = 20;

export interface SchemaChecker {
  /** @param key identifies the schema for ever, e.g. `<service version id>:data`. @param path where the value stands in the input. */
  check(key: string, schema: unknown, value: unknown, path: readonly string[]): UserError[];
}

export function createSchemaChecker(): SchemaChecker {
  const compiled = new Map<string, ValidateFunction>();

  const compile = (key: string, schema: object): ValidateFunction => {
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const ajv = new Ajv2020({
      strict: false,
      allErrors: false,
      validateFormats: false,
      addUsedSchema: false,
      logger: false,
    });
    const validate = ajv.compile(schema);
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value as string);
    compiled.set(key, validate);
    return validate;
  };

  return {
    check(key, schema, value, path) {
      if (typeof schema !== 'object' || schema === null) return [];
      const validate = compile(key, schema);
      if (validate(value) === true) return [];
      return (validate.errors ?? []).slice(0, MAX_TOLD).map((error) => {
        const place = error.instancePath.split('/').slice(1);
        return userError(
          'INPUT_SCHEMA_VIOLATION',
          `${path.at(-1)}${error.instancePath} ${error.message ?? 'does not fit the schema'}.`,
          'input',
          ...path,
          ...place,
        );
      });
    },
  };
}
