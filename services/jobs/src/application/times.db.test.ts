// "Not before" and "done by", wherever else than on a single submission they can be said.
import { beforeEach, expect, it } from 'vitest';
import { plain, submit as submitJobs } from '../testing/batches.js';
import { startEngine, type Engine } from '../testing/engine.js';
import { aDefinition, checks, codesOf, valueOf } from '../testing/stored-jobs.js';
import { jobsOf, keep, statesOf, submit, tryToSubmit, workOnce } from '../testing/workflows.js';
import { keepDeadlines } from './keep-deadlines.js';
import { startDefinition, type StartRequest } from './start-definition.js';

let engine: Engine;
beforeEach(async () => {
  engine = await startEngine();
});

const inMs = (ms: number): Date => new Date(engine.ports.now().getTime() + ms);
const passed = () => engine.database.query(`update job_deadline set at = now() - interval '1 second'`);
const open = () => engine.database.query('select 1 from job_deadline');

it('the jobs of a batch share both', async () => {
  const times = { startAt: inMs(60_000), deadline: inMs(90_000) };
  const { batchId } = valueOf(await submitJobs(engine, [plain, plain], times));
  const { rows } = await engine.reader.jobs(engine.user, { batchId }, { first: 10, after: undefined });
  expect(rows).toMatchObject([
    { ...times, reason: 'SCHEDULED' },
    { ...times, reason: 'SCHEDULED' },
  ]);
  expect(await engine.claim({ capacity: 5 })).toEqual([]);
  expect(await open()).toHaveLength(2);
});

it('a step is put off although what it needs has ended, and keeps its deadline', async () => {
  const times = { startAt: inMs(60_000), deadline: inMs(90_000) };
  const id = await submit(engine, { first: { startAt: inMs(-1) }, then: { needs: ['first'], ...times } });
  expect((await jobsOf(engine, id))['then']).toMatchObject({ reason: 'WAITING_FOR_JOBS', ...times });
  expect(await workOnce(engine)).toEqual(['first']);
  await keep(engine);
  expect((await jobsOf(engine, id))['then']).toMatchObject({
    reason: 'SCHEDULED',
    claimableAt: times.startAt,
  });
  expect(await workOnce(engine)).toEqual([]);
  const wrong = await tryToSubmit(engine, { a: {}, b: { startAt: inMs(2_000), deadline: inMs(1_000) } });
  expect(codesOf(wrong)).toEqual(['BAD_USER_INPUT input.steps.1.deadline']);
});

it('a step that still waits at its deadline fails, and what needs it with it', async () => {
  const id = await submit(engine, {
    first: {},
    late: { needs: ['first'], deadline: inMs(60_000) },
    last: { needs: ['late'] },
  });
  await passed();
  await keepDeadlines(engine.ports);
  await keep(engine);
  expect(await statesOf(engine, id)).toEqual({ first: 'PENDING', late: 'FAILED', last: 'FAILED' });
  const [item] = await engine.reader.soleItems([(await jobsOf(engine, id))['late']?.id ?? '']);
  expect(item?.error?.code).toBe('DEADLINE_EXCEEDED');
  // The end of what it needed does not wake it again.
  expect(await workOnce(engine)).toEqual(['first']);
  await keep(engine);
  expect(await statesOf(engine, id)).toEqual({ first: 'SUCCEEDED', late: 'FAILED', last: 'FAILED' });
});

const start = (definitionId: string, request: Partial<StartRequest> = {}) =>
  startDefinition(engine.ports, checks, engine.user, 'c', {
    definitionId,
    inputs: null,
    idempotencyKey: null,
    ...request,
  });

it('a definition says how long after its start a job may take; a start may say otherwise', async () => {
  const id = await aDefinition(engine, { name: 'soon', template: { deadlineSeconds: 60 } });
  const jobOf = async (request: Partial<StartRequest> = {}) =>
    engine.job(valueOf(await start(id, request)).jobId);
  const at = await jobOf();
  expect((at.deadline?.getTime() ?? 0) - at.submittedAt.getTime()).toBeGreaterThan(59_000);
  expect((at.deadline?.getTime() ?? 0) - at.submittedAt.getTime()).toBeLessThanOrEqual(60_000);
  const [startAt, deadline] = [inMs(3_600_000), inMs(7_200_000)];
  const later = await jobOf({ settings: { startAt } });
  expect(later).toMatchObject({ startAt, deadline: new Date(startAt.getTime() + 60_000) });
  expect(await jobOf({ settings: { startAt, deadline } })).toMatchObject({ startAt, deadline });
  expect((await jobOf({ settings: { startAt: inMs(-60_000) } })).deadline?.getTime()).toBeGreaterThan(
    at.deadline?.getTime() ?? Infinity,
  );
  await passed();
  await keepDeadlines(engine.ports);
  expect((await engine.job(at.id)).state).toBe('FAILED');
  const wrong = aDefinition(engine, { name: 'never', template: { deadlineSeconds: 0 } });
  await expect(wrong).rejects.toThrow('deadlineSeconds is an integer from 1 to 31622400');
});

it('a start has its own name, tags and priority, said of that start where they are wrong', async () => {
  const id = await aDefinition(engine, { name: 'report', template: { tags: ['all'], priority: 3 } });
  const settings = { name: 'by hand', tags: ['mine'], priority: -5 };
  const request = { settings, idempotencyKey: 'k' };
  const { jobId } = valueOf(await start(id, request));
  expect(await engine.job(jobId)).toMatchObject({ ...settings, definitionId: id });
  expect(valueOf(await start(id, request))).toEqual({ jobId, repeated: true });
  expect(codesOf(await start(id, { ...request, settings: { ...settings, priority: 4 } }))).toEqual([
    'IDEMPOTENCY_CONFLICT input.idempotencyKey',
  ]);
  expect(await engine.job(valueOf(await start(id, { settings: { tags: [] } })).jobId)).toMatchObject({
    name: 'report',
    tags: [],
    priority: 3,
  });
  const wrong = { name: '', tags: [''], priority: 101, deadline: inMs(-1) };
  expect(codesOf(await start(id, { settings: wrong })).sort()).toEqual([
    'BAD_USER_INPUT input.name',
    'BAD_USER_INPUT input.priority',
    'BAD_USER_INPUT input.tags.0',
  ]);
  expect(codesOf(await start(id, { settings: { deadline: inMs(-1) } }))).toEqual([
    'BAD_USER_INPUT input.deadline',
  ]);
});
