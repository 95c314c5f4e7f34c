// Schedules as the graph shows them, in a whole service.
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { INPUTS, storedGraph, type Payload, type Started } from './testing/stored-graph.js';

let weft: TestService;
let graph: ReturnType<typeof storedGraph>;
beforeAll(async () => {
  weft = await startTestService();
  graph = storedGraph(weft);
}, 60_000);
afterAll(() => weft.stop());

it('a schedule starts its job by itself; the job knows its time, and the schedule its run', async () => {
  const { definition } = await graph.apply({ name: 'hourly', inputs: INPUTS, priority: 100 });
  const made = await graph.schedule({
    definitionId: definition?.id,
    cron: '0 * * * *',
    timeZone: 'europe/paris',
    inputs: { day: 'every' },
  });
  expect(made.userErrors).toEqual([]);
  expect(made.schedule?.nextRuns).toHaveLength(5);
  const id = made.schedule?.id as string;
  const planned = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  await weft.service.context.ports.transact(async (tx) => {
    const found = await tx.schedules.lock(id);
    if (found === undefined) throw new Error('no schedule');
    await tx.schedules.save({ ...found, decidedUntil: new Date(planned.getTime() - 1), nextRunAt: planned });
  });
  const SCHEDULE = `query($id: ID!) { schedule(id: $id) {
    timeZone nextRunAt paused definition { name } runsAs { id }
    lastRun { plannedFor manual outcome times job { state plannedFor schedule { id } } }
    slots { edges { node { outcome errors { code } } } }
  } }`;
  const claimed = await eventually('the planned job', async () => {
    const one = await weft.claimOne();
    return one.plannedFor === null ? undefined : one;
  });
  expect(claimed.plannedFor).toBe(planned.toISOString());
  expect(await weft.graphql(SCHEDULE, { id })).toMatchObject({
    schedule: {
      timeZone: 'Europe/Paris',
      nextRunAt: new Date(planned.getTime() + 3_600_000).toISOString(),
      paused: false,
      definition: { name: 'hourly' },
      runsAs: { id: weft.user.id },
      lastRun: {
        plannedFor: planned.toISOString(),
        manual: false,
        outcome: 'STARTED',
        times: 1,
        job: { state: 'IN_PROGRESS', plannedFor: planned.toISOString(), schedule: { id } },
      },
      slots: { edges: [{ node: { outcome: 'STARTED', errors: [] } }] },
    },
  });
  const by = (field: string) =>
    graph.mutate<Payload & { schedule: object | null }>(
      field,
      'ScheduleIdInput',
      'schedule { paused pauseReason nextRunAt nextRuns }',
      { id },
    );
  expect(await by('pauseSchedule')).toMatchObject({
    schedule: { paused: true, pauseReason: 'REQUESTED', nextRunAt: null, nextRuns: [] },
  });
  const now = await graph.mutate<Started>('runScheduleNow', 'ScheduleIdInput', 'job { id plannedFor }', {
    id,
  });
  expect(now.job).not.toBeNull();
  expect(await by('resumeSchedule')).toMatchObject({ schedule: { paused: false, pauseReason: null } });
  await eventually('both runs in the history', async () => {
    const { schedule: found } = await weft.graphql<{ schedule: { slots: { edges: unknown[] } } }>(SCHEDULE, {
      id,
    });
    return found.slots.edges.length === 2;
  });
  expect(await graph.mutate('deleteSchedule', 'ScheduleIdInput', 'id', { id })).toEqual({
    id,
    userErrors: [],
  });
});

it('a preview says when it would run, or which field is wrong', async () => {
  const PREVIEW = `query($cron: String!, $timeZone: String) {
    schedulePreview(cron: $cron, timeZone: $timeZone, first: 3) { nextRuns userErrors { code message path } } }`;
  const good = await weft.graphql<{ schedulePreview: { nextRuns: string[] } }>(PREVIEW, {
    cron: '0 0 29 2 *',
  });
  expect(good.schedulePreview.nextRuns.map((one) => one.slice(4, 10))).toEqual([
    '-02-29',
    '-02-29',
    '-02-29',
  ]);
  expect(await weft.graphql(PREVIEW, { cron: '0 0 31 2 *', timeZone: 'Nowhere/Land' })).toMatchObject({
    schedulePreview: {
      nextRuns: [],
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['cron'], message: expect.stringMatching(/day of month: 31/) },
        { code: 'BAD_USER_INPUT', path: ['timeZone'] },
      ],
    },
  });
});
