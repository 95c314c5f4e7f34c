// Where PROV documents and tables of others are read: in threads of their own, since one may be made to take long.
import { accepted, AppError, refused, userError, type Outcome } from '@weft/errors';
import { createWorkerPool } from '@weft/process';
import type { DocumentDesk } from './application/ports.js';
import type { SheetDesk } from './application/bulk-ports.js';
import type { DocumentQuestion, SheetQuestion } from './document-worker.js';
import type { ImportedDocument } from './domain/imported-document.js';
import type { Checked } from './domain/prov-document.js';

const LIMIT_MS = 5_000;

export interface Desk {
  readonly documents: DocumentDesk;
  readonly sheets: SheetDesk;
  close(): Promise<void>;
}

export function createDocumentDesk(): Desk {
  // A thread loads what is built, also for tests that run the sources.
  const script = new URL('../dist/document-worker.js', import.meta.url);
  const pool = createWorkerPool({ script, limitMs: LIMIT_MS });
  const ask = async <T>(
    userId: string,
    question: DocumentQuestion | SheetQuestion,
    spent: Outcome<T> = DOCUMENT_SPENT,
  ): Promise<Outcome<T>> => {
    const answer = await pool.ask<Outcome<T>>(userId, question);
    if (answer.ok) return answer.value;
    if (answer.reason === 'SPENT') return spent;
    throw new AppError(
      'RATE_LIMITED',
      'The documents that you gave of late took too long; make them smaller, or try again in a minute.',
    );
  };
  return {
    documents: {
      check: (userId, text, notation) => ask<Checked>(userId, { task: 'CHECK', text, notation }),
      rewrite: (userId, { text, notation, bundle }, as) =>
        ask<string>(userId, { task: 'REWRITE', text, notation, bundle: bundle ?? null, as }),
      read: (userId, text, notation) => ask<ImportedDocument>(userId, { task: 'IMPORT', text, notation }),
      write: (userId, document, as) => ask<string>(userId, { task: 'WRITE', document, as }),
      judge: (userId, document, page) => ask<Checked>(userId, { task: 'JUDGE', document, page }),
      judgeGiven: (userId, { text, notation, bundle }, page) =>
        ask<Checked>(userId, { task: 'JUDGE_TEXT', text, notation, bundle: bundle ?? null, page }),
    },
    sheets: {
      read: (userId, csv) => ask<string[][]>(userId, { task: 'READ_CSV', csv }, SHEET_SPENT),
      write: async (userId, rows) =>
        accepted(await ask<string>(userId, { task: 'WRITE_CSV', rows }, SHEET_SPENT)),
    },
    close: pool.close,
  };
}

const DOCUMENT_SPENT = refused(
  userError(
    'PROV_TOO_EXPENSIVE',
    'Reading and judging the document takes too long. Divide it, for example by its bundles.',
    'input',
    'text',
  ),
);
const SHEET_SPENT = refused(
  userError('PAYLOAD_TOO_LARGE', 'Reading the table takes too long. Divide it.', 'input', 'csv'),
);
