// A thread of schema-desk.ts: all that compiles other people's schemas.
import { parentPort } from 'node:worker_threads';
import { jsonSchemaProblems } from './domain/json-schema.js';

parentPort?.on('message', ({ schema, path }: { schema: unknown; path: readonly string[] }) =>
  parentPort?.postMessage(jsonSchemaProblems(schema, ...path)),
);
parentPort?.postMessage('ready');
