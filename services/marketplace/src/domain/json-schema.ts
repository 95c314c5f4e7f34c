// Whether a JSON Schema that a provider gives can be used to check the data of jobs.
import { userError, type UserError } from '@weft/errors';
import { Ajv, type AnySchema } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const MAX_SCHEMA_BYTES = 64 * 1024;

const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const OPTIONS = { strict: false, logger: false } as const;

/** As JSON writes them: U+0000 and half a character. The tables of no service could take the schema, nor the event that tells of it. */
const NOT_STORABLE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Null accepts anything and is always good. References must stay inside the schema: nothing is ever fetched. */
export function jsonSchemaProblems(schema: unknown, ...path: string[]): UserError[] {
  if (schema === null) return [];
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || Array.isArray(schema))) {
    return [userError('BAD_USER_INPUT', 'A JSON Schema is an object, true or false.', ...path)];
  }
  try {
    const text = JSON.stringify(schema);
    if (NOT_STORABLE.test(text)) {
      return [
        userError(
          'BAD_USER_INPUT',
          'A JSON Schema holds no character U+0000 and no half of a surrogate pair; write it as an escape within a pattern.',
          ...path,
        ),
      ];
    }
    if (Buffer.byteLength(text) > MAX_SCHEMA_BYTES) {
      return [
        userError('PAYLOAD_TOO_LARGE', `A JSON Schema has at most ${MAX_SCHEMA_BYTES} bytes.`, ...path),
      ];
    }
    compile(schema as AnySchema);
    return [];
  } catch (error) {
    // A RangeError is a schema nested too deeply for the stack.
    const reason =
      error instanceof RangeError
        ? 'it is nested too deeply'
        : error instanceof Error
          ? error.message
          : String(error);
    return [
      userError(
        'BAD_USER_INPUT',
        `This is not a usable JSON Schema (2020-12 or draft-07): ${reason.slice(0, 500)}.`,
        ...path,
      ),
    ];
  }
}

function compile(schema: AnySchema): void {
  const named = typeof schema === 'object' ? (schema as { $schema?: unknown; $async?: unknown }) : {};
  // An asynchronous validator answers with a promise, which a caller would take for "valid".
  if (named.$async !== undefined) throw new Error('the keyword "$async" is not supported');
  // A fresh instance each time: ajv remembers schemas by their $id.
  const ajv =
    typeof named.$schema === 'string' && DRAFT_07.test(named.$schema)
      ? new Ajv(OPTIONS)
      : new Ajv2020(OPTIONS);
  addFormats.default(ajv);
  ajv.compile(schema);
}
