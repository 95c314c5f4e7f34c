// A thread of document-desk.ts: all that reads other people's PROV documents.
import { parentPort } from 'node:worker_threads';
import { checkDocument, rewriteDocument, type Notation, type ReadNotation } from './domain/prov-document.js';

export interface DocumentQuestion {
  readonly text: string;
  readonly notation: ReadNotation;
  /** Absent: it is judged. */
  readonly as?: Notation;
}

parentPort?.on('message', ({ text, notation, as }: DocumentQuestion) =>
  parentPort?.postMessage(
    as === undefined ? checkDocument(text, notation) : rewriteDocument(text, notation, as),
  ),
);
parentPort?.postMessage('ready');
