// Checks made at once, in this thread: for tests of what is done with their answers.
import type { Checking } from '../application/checking.js';
import { createTypedInputs } from '../domain/definition/typed-inputs.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import { inTime } from '../in-time.js';

export const checks = { schemas: createSchemaChecker(inTime), typedInputs: createTypedInputs(inTime) };
export const checking: Checking = (work) => work(checks);
