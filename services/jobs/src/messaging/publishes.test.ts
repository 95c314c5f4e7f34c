import { jobChanged, MAX_MESSAGE_BYTES, type Envelope, type JobChanged } from '@weft/contracts';
import { expect, it } from 'vitest';
import type { InputFacts } from '../application/ports.js';
import { JobChange } from '../domain/job-change.js';
import { SUBMITTED_AS_SUCH, SYSTEM, type Attempt } from '../domain/job.js';
import { bearJob } from '../domain/new-job.js';
import { announceJob, type JobFacts } from './publishes.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const ITEMS = 300;
const INPUT: InputFacts = {
  dataArtifactId: null,
  codeArtifactId: null,
  dataSha256: null,
  paramsSha256: null,
  commandSha256: null,
  trace: {
    items: Array.from({ length: 300 }, () => 'a'.repeat(64)),
    results: [{ jobId: '00000000-0000-7000-8000-000000000000', place: 'ITEMS', items: [[0, 299]] }],
  },
  dataBytes: 0,
  paramsBytes: 0,
  resultPool: null,
};
const ID = '00000000-0000-7000-8000-000000000000';

/** A job of 300 items, each of which fails with a long word of its own. */
function aFailingJob(): Pick<JobFacts, 'job' | 'items' | 'transitions' | 'input'> {
  const given = {
    id: ID, organizationId: ID, createdBy: ID, name: 'x'.repeat(200), kind: 'MANAGED_SERVICE', operation: null, serviceId: ID,
    serviceVersionId: ID, targetId: 'local-process', priority: 0, tags: [], itemsTotal: ITEMS, referenceDeadline: null,
    maxAttempts: 10, timeoutSeconds: null, startAt: null, deadline: null, inputId: ID, retryOf: null, ...SUBMITTED_AS_SUCH, correlationId: 'c', submittedAt: NOW,
  } as const; // prettier-ignore
  const born = bearJob(given, new Map(), SYSTEM);
  const change = new JobChange(born.job, born.items, NOW);
  for (let index = 0; index < ITEMS; index++) {
    const move = { actor: SYSTEM, attempt: 2_000 + index } as const;
    change.move([index], {
      ...move,
      to: 'DEQUEUED',
      cause: 'CLAIMED',
      patch: () => ({ attempt: 2_000 + index }),
    });
    change.move([index], { ...move, to: 'FAILED', cause: 'FAILED', message: 'm'.repeat(500) });
  }
  return { job: change.job, items: change.allItems, transitions: change.transitions, input: INPUT };
}

const attempt = (number: number): Attempt => ({
  jobId: ID, number, fence: 1_000_000 + number, workerId: 'worker-of-this-machine-1', targetId: 'local-process', organizationId: ID, definitionId: null, items: [0],
  outcome: 'FAILED', claimedAt: NOW, startedAt: NOW, endedAt: NOW, leaseUntil: NOW, claimRequestId: ID, claimSlot: 0, environment: 'e'.repeat(64),
}); // prettier-ignore

function messages(facts: JobFacts): JobChanged[] {
  return announceJob(facts).map(({ body, subject }) => {
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    const payload = jobChanged.schema.parse((JSON.parse(body) as Envelope<unknown>).payload);
    expect(subject).toBe(jobChanged.subject(payload));
    return payload;
  });
}

it('a history too long for one message is told in several, and only the last one says that the job has ended', () => {
  const facts = aFailingJob();
  const told = messages({ ...facts, attempts: [] });
  expect(told.length).toBeGreaterThan(1);
  expect(told.flatMap((one) => one.transitions.map((step) => step.seq))).toEqual(
    facts.transitions.map((step) => step.seq),
  );
  for (const [index, { seq, state, endedAt, outcomes, transitions }] of told.entries()) {
    expect({ seq, state }).toEqual({ seq: transitions.at(-1)?.seq, state: transitions.at(-1)?.to });
    const last = index === told.length - 1;
    expect({ ended: endedAt !== null, outcomes: outcomes.length }).toEqual({
      ended: last,
      outcomes: last ? ITEMS : 0,
    });
  }
});

it('a job with thousands of attempts can end: those that its outcomes name are told', () => {
  const facts = aFailingJob();
  const attempts = Array.from({ length: 3_000 }, (_, index) => attempt(index + 1));
  const told = messages({ ...facts, transitions: facts.transitions.slice(-1), attempts });
  expect(told).toHaveLength(1);
  expect(told[0]?.attempts.map((one) => one.number)).toEqual(
    Array.from({ length: ITEMS }, (_, index) => 2_000 + index),
  );
});

it('a job of a definition says of which version; one that is submitted as such says nothing, as messages from before', () => {
  const facts = aFailingJob();
  const definitionOf = (job: JobFacts['job']) => {
    const [told] = messages({ ...facts, job, transitions: facts.transitions.slice(-1), attempts: [] });
    return told?.definition;
  };
  expect(definitionOf({ ...facts.job, definitionId: ID, definitionVersion: 2 })).toEqual({
    id: ID,
    version: 2,
  });
  expect(definitionOf(facts.job)).toBeUndefined();
});
