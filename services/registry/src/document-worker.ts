// A thread of document-desk.ts: all that reads other people's PROV documents, and what is as hard.
import { parentPort } from 'node:worker_threads';
import { done } from '@weft/errors';
import { importedDocument } from './domain/imported-document.js';
import {
  checkDocument,
  judgedDocument,
  rewriteDocument,
  writeDocument,
  type Notation,
  type ProvDocument,
  type ReadNotation,
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
  | { readonly task: 'JUDGE'; readonly document: ProvDocument };

function answer(question: DocumentQuestion): unknown {
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
      return done(judgedDocument(question.document));
  }
}

parentPort?.on('message', (question: DocumentQuestion) => parentPort?.postMessage(answer(question)));
parentPort?.postMessage('ready');
