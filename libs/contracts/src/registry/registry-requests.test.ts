import { expect, it } from 'vitest';
import { envelope, MAX_MESSAGE_BYTES } from '../define-event.js';
import { activityWorkflowRequested } from './activity-workflow-requested.v1.js';
import { partsOfBatch, registryBatchRequested } from './registry-batch-requested.v1.js';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const asked = { organizationId: id(1), createdBy: 'somebody', name: 'Create "Rainfall"' };
const step = (n: number, key: string, needs: string[] = []) => ({
  jobId: id(n),
  key,
  name: key,
  needs,
  operation: 'REGISTER_CREATE_ACTIVITY',
  params: { itemId: id(9) },
});

it('a workflow is told once, whatever is asked again', () => {
  const payload = activityWorkflowRequested.schema.parse({
    ...asked,
    workflowId: id(2),
    steps: [step(3, 'register'), step(4, 'lodge', ['register'])],
  });
  expect(envelope(activityWorkflowRequested, payload, new Date(0), 'c').id).toBe(
    `activity-workflow-requested:${id(2)}:1`,
  );
  expect(activityWorkflowRequested.subject(payload)).toBe(
    'weft.event.registry.activity-workflow-requested.v1.all',
  );
});

it.each([
  ['no step', []],
  ['eleven steps', Array.from({ length: 11 }, (_, n) => step(n + 3, `step${n}`))],
  ['a key twice', [step(3, 'a'), step(4, 'a')]],
  ['a need of a later step', [step(3, 'a', ['b']), step(4, 'b')]],
  ['a need of itself', [step(3, 'a', ['a'])]],
  ['a key that is none', [step(3, 'a b')]],
  ['an operation that is none', [{ ...step(3, 'a'), operation: 'rm -rf' }]],
  ['a job without an id', [{ ...step(3, 'a'), jobId: 'one' }]],
  ['a NUL in a name, which PostgreSQL does not take', [{ ...step(3, 'a'), name: 'a\0b' }]],
])('a workflow with %s is none', (_, steps) => {
  expect(activityWorkflowRequested.schema.safeParse({ ...asked, workflowId: id(2), steps }).success).toBe(
    false,
  );
});

const job = (n: number, bytes = 10) => ({
  jobId: id(n),
  name: `row ${n}`,
  operation: 'REGISTER_MODEL_RUN',
  params: { notes: 'ä'.repeat(bytes / 2) },
});

it('ten thousand jobs are told in parts that fit, none of them lost or twice', () => {
  const jobs = Array.from({ length: 10_000 }, (_, n) => job(n, (n % 40) * 50));
  const parts = partsOfBatch({ ...asked, batchId: id(2), jobs });
  expect(parts.length).toBeGreaterThan(10);
  expect(parts.flatMap((part) => part.jobs)).toEqual(jobs);
  for (const [index, part] of parts.entries()) {
    const told = envelope(
      registryBatchRequested,
      registryBatchRequested.schema.parse(part),
      new Date(0),
      'c',
    );
    expect(part.part).toEqual({ index, of: parts.length });
    expect(told.id).toBe(`registry-batch-requested:${id(2)}:${index + 1}`);
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  }
});

it('what cannot be told is refused before it is', () => {
  const batch = { ...asked, batchId: id(2) };
  expect(() => partsOfBatch({ ...batch, jobs: [] })).toThrow(RangeError);
  expect(() => partsOfBatch({ ...batch, jobs: Array.from({ length: 10_001 }, (_, n) => job(n)) })).toThrow(
    RangeError,
  );
  expect(() => partsOfBatch({ ...batch, jobs: [job(1, MAX_MESSAGE_BYTES)] })).toThrow(RangeError);
});
