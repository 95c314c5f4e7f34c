// Where questions about other people's schemas are answered: in threads of their own, an organization's one at a time.
import { AppError } from '@weft/errors';
import { createWorkerPool } from '@weft/process';
import { createChecking, type Checking } from './application/checking.js';
import { spentAnswer, type SchemaAnswer } from './domain/schema-question.js';

export interface SchemaDesk {
  readonly checking: Checking;
  close(): Promise<void>;
}

export function createSchemaDesk(): SchemaDesk {
  // A thread loads what is built, also for tests that run the sources.
  const pool = createWorkerPool({ script: new URL('../dist/schema-worker.js', import.meta.url) });
  return {
    checking: createChecking(async (question) => {
      const answer = await pool.ask<SchemaAnswer>(question.organizationId, question);
      if (answer.ok) return answer.value;
      if (answer.reason === 'SPENT') return spentAnswer(question);
      throw new AppError(
        'SCHEMA_CHECKS_BUSY',
        'The checks against JSON Schemas of the organization take too long at the moment; simplify its schemas, or try again in a minute.',
      );
    }),
    close: pool.close,
  };
}
