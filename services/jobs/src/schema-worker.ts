// A thread of schema-desk.ts: all that compiles and runs other people's schemas.
import { parentPort } from 'node:worker_threads';
import { createTypedInputs } from './domain/definition/typed-inputs.js';
import { createSchemaChecker } from './domain/schema-check.js';
import { answerTo, type SchemaQuestion } from './domain/schema-question.js';
import { inTime } from './in-time.js';

const checks = { schemas: createSchemaChecker(inTime), typedInputs: createTypedInputs(inTime) };

parentPort?.on('message', (question: SchemaQuestion) => parentPort?.postMessage(answerTo(checks, question)));
parentPort?.postMessage('ready');
