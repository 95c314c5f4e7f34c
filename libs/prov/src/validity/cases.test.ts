import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readProvN } from '../index.js';
import { violationsOf } from './validity.js';

// `ordering-start1-FAIL-c43.provn`: what is tried, the verdict, and the constraint that gives it or has to let it pass.
const folder = new URL('../../cases/constraints/', import.meta.url);
const cases = readdirSync(folder).map((file) => {
  const [, verdict = '', constraint = ''] = /-(PASS|FAIL)-c(\d+)\.provn$/.exec(file) ?? [];
  return { file, verdict, constraint: Number(constraint) };
});

it.each(cases)('$file', ({ file, verdict, constraint }) => {
  const violations = violationsOf(readProvN(readFileSync(new URL(file, folder), 'utf8')));
  expect(violations.length === 0 ? 'PASS' : 'FAIL').toBe(verdict);
  if (verdict === 'FAIL') expect(violations.flatMap(({ because }) => because)).toContain(constraint);
  for (const { statements } of violations) expect(statements.length).toBeGreaterThan(0);
});
