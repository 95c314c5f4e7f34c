// Where the schemas of service versions are judged: in threads of their own, since compiling one may take minutes.
import { AppError, userError, type UserError } from '@weft/errors';
import { createWorkerPool } from '@weft/process';
import type { SchemaProblems } from './application/ports.js';

const LIMIT_MS = 2_000;

export interface SchemaDesk {
  readonly problems: SchemaProblems;
  close(): Promise<void>;
}

export function createSchemaDesk(): SchemaDesk {
  // A thread loads what is built, also for tests that run the sources.
  const script = new URL('../dist/schema-worker.js', import.meta.url);
  const pool = createWorkerPool({ script, limitMs: LIMIT_MS });
  return {
    async problems(userId, schema, ...path) {
      if (schema === null) return [];
      const answer = await pool.ask<UserError[]>(userId, { schema, path });
      if (answer.ok) return answer.value;
      if (answer.reason === 'SPENT')
        return [
          userError(
            'SCHEMA_TOO_EXPENSIVE',
            'Compiling the JSON Schema takes too long; make it smaller, or refer less often to its large parts.',
            ...path,
          ),
        ];
      throw new AppError(
        'SCHEMA_CHECKS_BUSY',
        'The JSON Schemas that you gave of late took too long; simplify them, or try again in a minute.',
      );
    },
    close: pool.close,
  };
}
