import { describe, expect, it } from 'vitest';
import {
  refersToResults,
  stepsReferredTo,
  UnusableReference,
  withResults,
  type StepOutcome,
  type StepValues,
} from './result-references.js';

const plain: StepValues = { data: null, dataArtifactId: null, params: null, items: [null] };
const made = (...results: unknown[]): StepOutcome => ({
  state: 'SUCCEEDED',
  items: results.map((one) => ({ result: JSON.stringify(one), resultArtifactId: null })),
});
const file: StepOutcome = { state: 'SUCCEEDED', items: [{ result: null, resultArtifactId: 'file-1' }] };
const failed: StepOutcome = { state: 'FAILED', items: [{ result: null, resultArtifactId: null }] };
const outcomes = new Map([
  ['a', made({ n: 1, 'x/y~z': [10, 20] })],
  ['several', made(1, 2, 3)],
  ['file', file],
  ['failed', failed],
]);
const fill = (params: unknown, maxBytes = 1_000): unknown =>
  JSON.parse(withResults({ ...plain, params: JSON.stringify(params) }, outcomes, maxBytes).params as string);

describe('references to results', () => {
  it.each([
    [{ $from: 'a' }, { n: 1, 'x/y~z': [10, 20] }],
    [{ in: [{ $from: 'a', path: '/n' }] }, { in: [1] }],
    [{ $from: 'a', path: '/x~1y~0z/1' }, 20],
    [{ $from: 'several' }, [1, 2, 3]],
    [{ $from: 'several', path: '/2' }, 3],
    [{ $from: 'failed' }, null],
    [{ $from: 'failed', path: '/n', default: 7 }, 7],
    [{ $from: 'a', path: '/gone', default: { d: 1 } }, { d: 1 }],
    [
      { from: 'a', $FROM: 'b' },
      { from: 'a', $FROM: 'b' },
    ],
  ])('%j becomes %j', (reference, expected) => {
    expect(fill(reference)).toEqual(expected);
  });

  it.each([
    [{ $from: 'a', path: '/gone' }, /nothing at \/gone/],
    [{ $from: 'a', path: '/constructor' }, /nothing at/],
    [{ $from: 'several', path: '/length' }, /nothing at/],
    [{ $from: 'file' }, /is a file/],
    [{ $from: 'file', path: '/n' }, /is a file/],
    [{ $from: 'a', path: 'n' }, /JSON Pointer/],
    [{ $from: 1 }, /key of a step/],
    [{ $from: 'a', other: 1 }, /not "other"/],
  ])('%j is refused', (reference, message) => {
    expect(() => fill(reference)).toThrow(message);
    expect(() => fill(reference)).toThrow(UnusableReference);
  });

  it('hands data that is one whole result over as it is, byte for byte, also as a file', () => {
    const raw = '{"n": 1.0,  "b":2}';
    const given = (outcome: StepOutcome): StepValues =>
      withResults({ ...plain, data: '{"$from":"x"}' }, new Map([['x', outcome]]), 1_000);
    for (const resultArtifactId of [null, 'also a file'])
      expect(given({ state: 'SUCCEEDED', items: [{ result: raw, resultArtifactId }] })).toMatchObject({
        data: raw,
        dataArtifactId: null,
      });
    expect(given(file)).toMatchObject({ data: null, dataArtifactId: 'file-1' });
    expect(given(failed)).toMatchObject({ data: 'null', dataArtifactId: null });
  });

  it('never holds more than the limit, however often a result is referred to', () => {
    const many = Array.from({ length: 50 }, () => ({ $from: 'a' }));
    expect(() => fill(many)).toThrow(/more than 1000 bytes/);
    expect(fill(many, 10_000)).toHaveLength(50);
  });

  it('leaves a text as it is in which the mark is a mere string', () => {
    const values = { ...plain, data: '{"say": "$from",  "n": 1.0}', params: '["$from"]' };
    expect(refersToResults(values)).toBe(false);
    expect(withResults(values, outcomes, 1_000)).toEqual(values);
    expect(refersToResults({ ...values, items: ['{"$from":"a"}'] })).toBe(true);
  });

  it('finds the steps that a text refers to, and refuses what is nested without end', () => {
    expect(stepsReferredTo('{"a":[{"$from":"x"},{"b":{"$from":"y","default":{"$from":"z"}}}]}')).toEqual([
      'x',
      'y',
    ]);
    expect(stepsReferredTo('["$from"]')).toEqual([]);
    const deep = `${'['.repeat(300)}{"$from":"x"}${']'.repeat(300)}`;
    expect(() => stepsReferredTo(deep)).toThrow(/too deeply/);
  });
});
