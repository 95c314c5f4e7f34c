import { expect, it } from 'vitest';
import { composed, withAll } from './composed.js';

const write = composed(
  'write',
  ({ has, $ }) =>
    `${withAll(
      `a as (select ${$('a')})`,
      has('b') && `b as (select ${$('b')}, ${$('a')})`,
      has('flag') && 'c as (select 1)',
    )} select`,
);

it('holds what there is, and numbers its parameters by their first use', () => {
  const all = write({ b: 2, a: 1, flag: true });
  expect(all.statement.text.split('\n').map((line) => line.trim())).toEqual([
    'with a as (select $1),',
    'b as (select $2, $1),',
    'c as (select 1) select',
  ]);
  expect(all.values).toEqual([1, 2]);
  const few = write({ b: undefined, a: 3, flag: undefined });
  expect([few.statement.text, few.values]).toEqual(['with a as (select $1) select', [3]]);
});

it('is one statement for the same parts, and another for others', () => {
  expect(write({ a: 1 }).statement).toBe(write({ a: 2, flag: undefined }).statement);
  expect(write({ a: 1 }).statement.name).not.toBe(write({ a: 1, flag: true }).statement.name);
});
