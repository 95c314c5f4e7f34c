import { jobRecordChanged, jobRecordUpdated } from '@weft/contracts';
import { outboxRow } from '@weft/outbox';
import { expect, it } from 'vitest';
import { hintOf } from './job-hints.js';

const facts = { jobId: 'job', revision: 3, organizationId: 'new owner' };
const told = (row: { id: string; body: string }) => {
  const hint = hintOf(row.id, () => row.body);
  return hint && { ...hint, organizationIds: hint.organizationIds() };
};

it('reads whose job it was and is', () => {
  const changed = { ...facts, change: 'TRANSFERRED' as const, previousOrganizationId: 'owner', jobSeq: 9 };
  expect(told(outboxRow(jobRecordChanged, changed, new Date(), 'c'))).toEqual({
    jobId: 'job',
    seq: 0,
    revision: 3,
    organizationIds: ['new owner', 'owner'],
  });
  expect(told(outboxRow(jobRecordUpdated, { ...facts, fields: ['name'] }, new Date(), 'c'))).toEqual({
    jobId: 'job',
    seq: 0,
    revision: 3,
    organizationIds: ['new owner'],
  });
});

it('does not read the body of a transition before it is asked whose job it is', () => {
  const hint = hintOf('job-changed:job:7', () => {
    throw new Error('read');
  });
  expect(hint).toMatchObject({ jobId: 'job', seq: 7, revision: 0 });
});

it.each(['', 'job-changed', 'job-changed:job:x', 'target-changed:job:1'])('hears nothing in "%s"', (id) => {
  expect(hintOf(id, () => '{}')).toBeUndefined();
});
