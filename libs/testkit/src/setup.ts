// vitest setupFiles: runs once in every test file, before it.
import 'reflect-metadata';
import { afterAll, afterEach } from 'vitest';
import { clearUp } from './cleanup.js';

let failed = false;

afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

afterAll(() => clearUp(failed), 60_000);
