import { encodeCursor } from '@weft/database';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

interface Payload {
  readonly userErrors: { code: string; path: string[]; message: string }[];
}
interface Saved extends Payload {
  readonly change: string | null;
  readonly definition: { id: string; version: number } | null;
}
interface Started extends Payload {
  readonly repeated: boolean;
  readonly job: { id: string } | null;
}

const mutate = async <T extends Payload>(
  field: string,
  type: string,
  selection: string,
  input: Readonly<Record<string, unknown>>,
  actor = weft.user,
): Promise<T> => {
  const document = `mutation($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code path message } } }`;
  return (await weft.graphql<Record<string, T>>(document, { input }, actor))[field] as T;
};
const apply = (input: Readonly<Record<string, unknown>>, actor = weft.user) =>
  mutate<Saved>(
    'applyJobDefinition',
    'ApplyJobDefinitionInput',
    'change definition { id version }',
    { serviceVersionId: weft.serviceVersionId, ...input },
    actor,
  );
const start = (input: Readonly<Record<string, unknown>>, actor = weft.user) =>
  mutate<Started>('startJobDefinition', 'StartJobDefinitionInput', 'repeated job { id }', input, actor);
const schedule = (input: Readonly<Record<string, unknown>>, actor = weft.user) =>
  mutate<Payload & { schedule: { id: string; nextRuns: string[] } | null }>(
    'createSchedule',
    'CreateScheduleInput',
    'schedule { id nextRuns }',
    input,
    actor,
  );

const INPUTS = {
  type: 'object',
  required: ['day'],
  properties: { day: { type: 'string' }, depth: { type: 'integer', default: 3 } },
};

const DEFINITION = `query($id: ID!) { jobDefinition(id: $id) {
  name version deletedAt owner { id } createdBy { id }
  current { number description kind inputs params data tags maxAttempts timeoutSeconds serviceVersion { id } target { id } }
  first: versionAt(number: 1) { description }
  none: versionAt(number: 9) { description }
  versions(first: 1) { edges { node { number } } pageInfo { hasNextPage endCursor } }
  jobs { edges { node { id plannedFor definition { id name } definitionVersion { number description } params } } }
  schedules { edges { node { cron timeZone } } }
} }`;

it('a definition is stored, changed, started and read through the graph', async () => {
  const made = await apply({
    name: 'report',
    description: 'first',
    inputs: INPUTS,
    params: { fixed: true },
    tags: ['t'],
    timeoutSeconds: 30,
    maxAttempts: 2,
  });
  expect(made).toMatchObject({ change: 'CREATED', userErrors: [], definition: { version: 1 } });
  const id = made.definition?.id as string;
  const update = (input: Readonly<Record<string, unknown>>) =>
    mutate<Saved>('updateJobDefinition', 'UpdateJobDefinitionInput', 'change definition { id version }', {
      id,
      ...input,
    });
  const { job } = await start({ id, inputs: { day: 'monday' }, idempotencyKey: 'k' });
  expect(await update({ ifVersion: 1, description: 'second', timeoutSeconds: null })).toMatchObject({
    change: 'UPDATED',
    definition: { version: 2 },
  });
  expect(await update({ ifVersion: 1, description: 'third' })).toMatchObject({
    definition: null,
    userErrors: [{ code: 'CONFLICT', path: ['input', 'ifVersion'] }],
  });
  expect(await update({ description: 'second' })).toMatchObject({
    change: 'UNCHANGED',
    definition: { version: 2 },
  });
  expect(await start({ id, inputs: { day: 'monday' }, idempotencyKey: 'k' })).toMatchObject({
    repeated: true,
    job,
  });
  expect(
    (await start({ id, inputs: { day: 1, depth: 'x' } })).userErrors.map((one) => one.path.join('.')),
  ).toEqual(['input.inputs.day', 'input.inputs.depth']);

  const { jobDefinition } = await weft.graphql<{ jobDefinition: Record<string, unknown> }>(DEFINITION, {
    id,
  });
  expect(jobDefinition).toMatchObject({
    name: 'report',
    version: 2,
    deletedAt: null,
    owner: { id: weft.user.personalOrganizationId },
    createdBy: { id: weft.user.id },
    current: {
      number: 2,
      description: 'second',
      kind: 'MANAGED_SERVICE',
      inputs: INPUTS,
      params: { fixed: true },
      data: null,
      tags: ['t'],
      maxAttempts: 2,
      timeoutSeconds: null,
      serviceVersion: { id: weft.serviceVersionId },
      target: { id: 'local-process' },
    },
    first: { description: 'first' },
    none: null,
    versions: { edges: [{ node: { number: 2 } }], pageInfo: { hasNextPage: true } },
    jobs: {
      edges: [
        {
          node: {
            id: job?.id,
            plannedFor: null,
            definition: { id, name: 'report' },
            definitionVersion: { number: 1, description: 'first' },
            params: { fixed: true, day: 'monday', depth: 3 },
          },
        },
      ],
    },
    schedules: { edges: [] },
  });
  const { jobs } = await weft.graphql<{ jobs: { edges: unknown[] } }>(
    'query($id: ID!) { jobs(filter: { definitionId: $id }) { edges { node { id } } } }',
    { id },
  );
  expect(jobs.edges).toEqual([{ node: { id: job?.id } }]);
  const list = await weft.graphql<{ jobDefinitions: { edges: unknown[] } }>(
    '{ jobDefinitions(name: "report") { edges { node { id } } } }',
    {},
  );
  expect(list.jobDefinitions.edges).toEqual([{ node: { id } }]);
});

it('a schedule starts its job by itself; the job knows its time, and the schedule its run', async () => {
  const { definition } = await apply({ name: 'hourly', inputs: INPUTS, priority: 100 });
  const made = await schedule({
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
    mutate<Payload & { schedule: object | null }>(
      field,
      'ScheduleIdInput',
      'schedule { paused pauseReason nextRunAt nextRuns }',
      { id },
    );
  expect(await by('pauseSchedule')).toMatchObject({
    schedule: { paused: true, pauseReason: 'REQUESTED', nextRunAt: null, nextRuns: [] },
  });
  const now = await mutate<Started>('runScheduleNow', 'ScheduleIdInput', 'job { id plannedFor }', { id });
  expect(now.job).not.toBeNull();
  expect(await by('resumeSchedule')).toMatchObject({ schedule: { paused: false, pauseReason: null } });
  await eventually('both runs in the history', async () => {
    const { schedule: found } = await weft.graphql<{ schedule: { slots: { edges: unknown[] } } }>(SCHEDULE, {
      id,
    });
    return found.slots.edges.length === 2;
  });
  expect(await mutate('deleteSchedule', 'ScheduleIdInput', 'id', { id })).toEqual({ id, userErrors: [] });
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

describe('to others', () => {
  it('nothing of it exists, and without the scope or role nothing is done', async () => {
    const { definition } = await apply({ name: 'secret' });
    const id = definition?.id as string;
    const made = await schedule({ definitionId: id, cron: '@daily' });
    const scheduleId = made.schedule?.id as string;
    const { job } = await start({ id });
    const stranger = aUser();
    const read = `query($id: ID!, $schedule: ID!, $entities: [_Any!]!) {
      jobDefinition(id: $id) { name } schedule(id: $schedule) { cron }
      jobDefinitions { edges { node { id } } } schedules { edges { node { id } } }
      jobs(filter: { definitionId: $id }) { edges { node { id } } }
      _entities(representations: $entities) { __typename ... on JobDefinition { name } ... on Schedule { cron } }
    }`;
    const variables = {
      id,
      schedule: scheduleId,
      entities: [
        { __typename: 'JobDefinition', id },
        { __typename: 'Schedule', id: scheduleId },
      ],
    };
    const empty = { edges: [] };
    expect(await weft.graphql(read, variables, stranger)).toEqual({
      jobDefinition: null,
      schedule: null,
      jobDefinitions: empty,
      schedules: empty,
      jobs: empty,
      _entities: [null, null],
    });
    expect(await weft.graphql(read, variables)).toMatchObject({
      jobDefinition: { name: 'secret' },
      jobs: { edges: [{ node: { id: job?.id } }] },
      _entities: [{ name: 'secret' }, { cron: '@daily' }],
    });
    const organizationId = weft.user.personalOrganizationId as string;
    const as = (role: 'VIEWER' | 'MAINTAINER', scopes = ['read', 'write']) => ({
      ...aUser(),
      organizations: [{ id: organizationId, role }],
      scopes,
    });
    const doing: [string, string, string, Record<string, unknown>][] = [
      ['updateJobDefinition', 'UpdateJobDefinitionInput', 'change', { id, description: 'x' }],
      ['deleteJobDefinition', 'DeleteJobDefinitionInput', 'definition { id }', { id }],
      ['startJobDefinition', 'StartJobDefinitionInput', 'repeated', { id }],
      ['createSchedule', 'CreateScheduleInput', 'schedule { id }', { definitionId: id, cron: '@daily' }],
      ['updateSchedule', 'UpdateScheduleInput', 'schedule { id }', { id: scheduleId, cron: '@daily' }],
      ...['pauseSchedule', 'resumeSchedule'].map((field): (typeof doing)[number] => [
        field,
        'ScheduleIdInput',
        'schedule { id }',
        { id: scheduleId },
      ]),
      ['runScheduleNow', 'ScheduleIdInput', 'repeated', { id: scheduleId }],
      ['deleteSchedule', 'ScheduleIdInput', 'id', { id: scheduleId }],
    ];
    for (const [field, type, selection, input] of doing) {
      const codes = async (actor: typeof stranger) =>
        (await mutate(field, type, selection, input, actor)).userErrors.map((one) => one.code);
      expect([field, await codes(stranger)]).toEqual([field, ['NOT_FOUND']]);
      expect([field, await codes(as('VIEWER'))]).toEqual([field, ['FORBIDDEN']]);
      expect([field, await codes(as('MAINTAINER', ['read']))]).toEqual([field, ['FORBIDDEN']]);
    }
    const foreign = await apply({ name: 'theirs', organizationId }, stranger);
    expect(foreign.userErrors).toMatchObject([{ code: 'FORBIDDEN', path: ['input', 'organizationId'] }]);
  });
});

it('ids and cursors that cannot be are nothing, or refused', async () => {
  const id = '\u0000';
  expect(
    await weft.graphql(
      'query($id: ID!) { jobDefinition(id: $id) { id } schedule(id: $id) { id } jobs(filter: { definitionId: $id }) { edges { cursor } } }',
      { id },
    ),
  ).toEqual({ jobDefinition: null, schedule: null, jobs: { edges: [] } });
  expect((await start({ id })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await apply({ name: 'a\u0000b' })).userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  for (const list of ['jobDefinitions', 'schedules'])
    for (const key of [[], ['x', 'y'], ['2026-01-01T00:00:00Z', 'y']])
      await expect(
        weft.graphql(`query($after: String) { ${list}(after: $after) { edges { cursor } } }`, {
          after: encodeCursor(key),
        }),
      ).rejects.toThrow(/BAD_USER_INPUT/);
});
