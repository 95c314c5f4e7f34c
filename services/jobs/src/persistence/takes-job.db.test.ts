// A live list and the list itself must agree on what a filter takes: one asks in the process, the other in SQL.
import { randomUUID } from 'node:crypto';
import type { RegistryBatchRequested } from '@weft/contracts';
import { expect, it } from 'vitest';
import { cancelJob } from '../application/cancel-job.js';
import type { JobFilter } from '../application/job-list.js';
import { updateJob } from '../application/keep-record.js';
import { startRegistrations } from '../application/start-registrations.js';
import { takes } from '../application/takes-job.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { aBatch, askerOf, claimRegistrations, endRegistration } from '../testing/registrations.js';

const NAMES = ['alpha 100% run', 'BETA_run', 'Große Übung', 'İstanbul', String.raw`back\slash`, 'ΑΣ σας 😀'];

async function crowd(engine: Engine): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, name] of NAMES.entries())
    for (const state of ['waiting', 'running', 'good', 'bad', 'cancelled']) {
      const id = await engine.submit({ name, tags: n % 2 === 0 ? ['red', 'Big'] : ['red'], items: [null] });
      ids.push(id);
      if (n === 1) await updateJob(engine.ports, engine.user, id, { description: 'Many Words\nhere' });
      if (state === 'cancelled') await cancelJob(engine.ports, engine.user, id);
      if (state === 'waiting' || state === 'cancelled') continue;
      for (const attempt of await engine.claim({ capacity: 50 }))
        if (attempt.jobId === id && state !== 'running')
          await engine.report(attempt, 'FINISHED', [state === 'good' ? succeeded(0) : failed(0)]);
    }
  return ids;
}

/** Jobs of the registry's own, which are in the lists of those only who ask for them. */
async function registrations(engine: Engine): Promise<RegistryBatchRequested> {
  const [part] = aBatch(askerOf(engine), ['alpha', 'beta', 'gamma']) as [RegistryBatchRequested];
  await startRegistrations(engine.ports).batchPart(part, 'correlation-1');
  const [one] = await claimRegistrations(engine, 1);
  await endRegistration(engine, one!, succeeded(0));
  return part;
}

function filters(engine: Engine, times: readonly Date[], batch: string): JobFilter[] {
  const some: JobFilter[] = [
    {},
    { organizationId: engine.organizationId },
    { organizationId: randomUUID() },
    { states: [] },
    { states: ['PENDING'] },
    { states: ['IN_PROGRESS', 'DEQUEUED'] },
    { states: ['FAILED'] },
    { states: ['CANCELLED', 'SUCCEEDED'] },
    { kinds: ['COMMAND'] },
    { kinds: ['COMMAND', 'MANAGED_SERVICE'] },
    { kinds: ['REGISTRATION'] },
    { kinds: ['MANAGED_SERVICE', 'REGISTRATION'] },
    { batchId: batch },
    { targetId: 'local-process' },
    { targetId: 'elsewhere' },
    { serviceId: engine.version.serviceId },
    { serviceVersionId: engine.version.id },
    { serviceVersionId: engine.version.id.toUpperCase() },
    { createdBy: engine.user.id },
    { createdBy: randomUUID() },
    { definitionId: randomUUID() },
    { batchId: 'no id' },
    { tags: ['red'] },
    { tags: ['red', 'Big'] },
    { tags: ['big'] },
    { tags: [] },
    { text: '\0' },
    { text: '\ud83d' },
    ...['RUN', '100%', '_', '\\', 'große ÜBUNG', 'i̇stanbul', 'ISTANBUL', 'σας', 'ΣΑΣ', 'ας', 'big red', 'many WORDS here', ' '].map((text) => ({ text })), // prettier-ignore
    ...times.flatMap((time) => [
      { submittedAfter: time },
      { submittedBefore: time },
      { startedAfter: time },
      { startedBefore: time },
      { endedAfter: time },
      { endedBefore: time, startedAfter: new Date(0) },
    ]),
  ];
  // Every two of them together, as far as they do not name the same condition.
  return some.flatMap((one, at) => [one, { ...one, ...some[(at * 7 + 3) % some.length] }]);
}

it('a live list takes what the list takes', async () => {
  const engine = await startEngine();
  const { batchId, jobs } = await registrations(engine);
  const ids = [...(await crowd(engine)), ...jobs.map(({ jobId }) => jobId)];
  const listed = await engine.reader.listed(ids);
  expect(listed).toHaveLength(ids.length);
  const times = listed.slice(3, 6).flatMap(({ job }) => [job.submittedAt, job.endedAt ?? new Date()]);
  let taken = 0;
  for (const filter of filters(engine, times, batchId)) {
    const { rows } = await engine.reader.jobs(engine.user, filter, { first: 100, after: undefined });
    const live = listed.filter((one) => takes(filter, one)).map(({ job }) => job.id);
    expect(live.sort(), JSON.stringify(filter)).toEqual(rows.map(({ id }) => id).sort());
    if (live.length > 0 && live.length < ids.length) taken++;
  }
  expect(taken).toBeGreaterThan(20);
  const { rows } = await engine.reader.jobs(engine.user, {}, { first: 100, after: undefined });
  const byId = (jobs: readonly { id: string }[]) => [...jobs].sort((a, b) => a.id.localeCompare(b.id));
  const unhidden = listed.map(({ job }) => job).filter(({ kind }) => kind !== 'REGISTRATION');
  expect(byId(unhidden)).toEqual(byId(rows));
});
