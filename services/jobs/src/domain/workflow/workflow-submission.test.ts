import { describe, expect, it } from 'vitest';
import { MOST_PROBLEMS } from '../batch-submission.js';
import type { Submission } from '../submission.js';
import { checkWorkflow, MAX_STEPS, type WorkflowStep } from './workflow-submission.js';

const job: Submission = {
  organizationId: 'o',
  name: 'job',
  serviceVersionId: '00000000-0000-7000-8000-000000000001',
  command: null,
  size: null,
  image: null,
  targetId: 't',
  data: null,
  dataArtifactId: null,
  params: null,
  items: [null],
  priority: 0,
  tags: [],
  maxAttempts: 1,
  timeoutSeconds: null,
  startAt: null,
  deadline: null,
  idempotencyKey: null,
};
const step = (key: string, needs: string[] = [], more: Partial<Submission> = {}): WorkflowStep => ({
  key,
  needs,
  job: { ...job, ...more },
});
const check = (steps: WorkflowStep[], more: object = {}): string[] =>
  checkWorkflow({
    organizationId: 'o',
    name: 'w',
    onFailure: 'STOP',
    idempotencyKey: null,
    steps,
    ...more,
  }).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a workflow as it is submitted', () => {
  it('may have its steps in any order', () => {
    expect(check([step('c', ['a', 'b']), step('a'), step('b', ['a'])])).toEqual([]);
  });

  it('has its circles told, and what merely hangs on one is not blamed', () => {
    expect(
      check([
        step('hangs', ['a']),
        step('a', ['c']),
        step('b', ['a', 'root']),
        step('c', ['b']),
        step('root'),
      ]),
    ).toEqual([
      'input.steps.1.needs: Steps that need each other in a circle can never begin: a needs c needs b needs a.',
    ]);
  });

  it('is refused with the path of each field that is wrong', () => {
    const steps = [
      step('a', ['a', 'gone']),
      step('a'),
      step('b c'),
      step('d', ['a', 'a']),
      step('e', [], { priority: 1_000, params: '{"$from":"looked at once the rest is right"}' }),
      step('f', ['a'], {
        data: '{"$from":"a","path":"n"}',
        params: '{"x":{"$from":"b"}}',
        items: ['{"$from":3}'],
      }),
    ];
    expect(check(steps, { name: ' ' })).toEqual([
      expect.stringMatching(/^input\.name:/),
      expect.stringMatching(/^input\.steps\.1\.key: Step 0 has the key/),
      expect.stringMatching(/^input\.steps\.2\.key:/),
      expect.stringMatching(/^input\.steps\.0\.needs\.0: A step cannot need itself/),
      expect.stringMatching(/^input\.steps\.0\.needs\.1: There is no step "gone"/),
      expect.stringMatching(/^input\.steps\.3\.needs\.1: "a" is needed twice/),
      expect.stringMatching(/^input\.steps\.4\.priority/),
      expect.stringMatching(/^input\.steps\.5\.data: .*JSON Pointer/),
      expect.stringMatching(/^input\.steps\.5\.params: .* not among the needs/),
      expect.stringMatching(/^input\.steps\.5\.items\.0\.params: .*key of a step/),
    ]);
  });

  it('has at most 100 problems told, however many there are', () => {
    const many = Array.from({ length: 200_000 }, () => 'nobody');
    expect(check([step('a', many)])).toEqual([
      'input.steps.0.needs: A step needs at most 300 others, not 200000.',
    ]);
    const refer = (from: number, to: number): string =>
      JSON.stringify(Array.from({ length: to - from }, (_, n) => ({ $from: (from + n).toString(36) })));
    const job = { data: refer(0, 45_000), params: refer(45_000, 90_000), items: [refer(90_000, 135_000)] };
    expect(check([step('a', [], job)])).toHaveLength(MOST_PROBLEMS);
    expect(check([step('a', [], job), step('b', ['a'], job)])).toHaveLength(MOST_PROBLEMS);
  });

  it('has 1 to 300 steps', () => {
    expect(check([])).toHaveLength(1);
    expect(check(Array.from({ length: MAX_STEPS + 1 }, (_, n) => step(`s${n}`)))).toHaveLength(1);
    expect(
      check(Array.from({ length: MAX_STEPS }, (_, n) => step(`s${n}`, n === 0 ? [] : [`s${n - 1}`]))),
    ).toEqual([]);
  });
});
