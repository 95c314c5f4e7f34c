// A thread of document-desk.ts: all that reads other people's PROV documents, tables, and what is as hard.
import { parentPort } from 'node:worker_threads';
import { AppError, done, refused, userError, type Outcome } from '@weft/errors';
import { readCsv, writeCsv } from './domain/csv.js';
import { importedDocument } from './domain/imported-document.js';
import {
  checkDocument,
  judgedDocument,
  judgedText,
  rewriteDocument,
  writeDocument,
  type Notation,
  type ProvDocument,
  type ReadNotation,
  type ViolationPage,
} from './domain/prov-document.js';

interface Given {
  readonly text: string;
  readonly notation: ReadNotation;
}

export type DocumentQuestion =
  | ({ readonly task: 'CHECK' } & Given)
  | ({ readonly task: 'REWRITE'; readonly as: Notation; readonly bundle: string | null } & Given)
  | ({ readonly task: 'IMPORT' } & Given)
  | { readonly task: 'WRITE'; readonly document: ProvDocument; readonly as: Notation }
  | { readonly task: 'JUDGE'; readonly document: ProvDocument; readonly page: ViolationPage }
  | ({ readonly task: 'JUDGE_TEXT'; readonly bundle: string | null; readonly page: ViolationPage } & Given);

export type SheetQuestion =
  | { readonly task: 'READ_CSV'; readonly csv: string }
  | { readonly task: 'WRITE_CSV'; readonly rows: readonly (readonly string[])[] };

function answer(question: DocumentQuestion | SheetQuestion): unknown {
  switch (question.task) {
    case 'CHECK':
      return checkDocument(question.text, question.notation);
    case 'REWRITE':
      return rewriteDocument(question.text, question.notation, question.as, question.bundle);
    case 'IMPORT':
      return importedDocument(question.text, question.notation);
    case 'WRITE':
      return done(writeDocument(question.document, question.as));
    case 'JUDGE':
      return done(judgedDocument(question.document, question.page));
    case 'JUDGE_TEXT':
      return judgedText(question.text, question.notation, question.bundle, question.page);
    case 'READ_CSV':
      return rowsOf(question.csv);
    case 'WRITE_CSV':
      return done(writeCsv(question.rows));
  }
}

function rowsOf(csv: string): Outcome<string[][]> {
  try {
    return done(readCsv(csv));
  } catch (error) {
    if (error instanceof AppError && error.code === 'CSV_MALFORMED')
      return refused(userError(error.code, error.message, 'input', 'csv'));
    throw error;
  }
}

parentPort?.on('message', (question: DocumentQuestion | SheetQuestion) =>
  parentPort?.postMessage(answer(question)),
);
parentPort?.postMessage('ready');
