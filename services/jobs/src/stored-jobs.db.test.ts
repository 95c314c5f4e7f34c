import { encodeCursor } from '@weft/database';
import { aUser } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { INPUTS, storedGraph, type Saved } from './testing/stored-graph.js';

let weft: TestService;
let graph: ReturnType<typeof storedGraph>;
beforeAll(async () => {
  weft = await startTestService();
  graph = storedGraph(weft);
}, 60_000);
afterAll(() => weft.stop());

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
  const made = await graph.apply({
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
    graph.mutate<Saved>(
      'updateJobDefinition',
      'UpdateJobDefinitionInput',
      'change definition { id version }',
      {
        id,
        ...input,
      },
    );
  const { job } = await graph.start({ id, inputs: { day: 'monday' }, idempotencyKey: 'k' });
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
  expect(await graph.start({ id, inputs: { day: 'monday' }, idempotencyKey: 'k' })).toMatchObject({
    repeated: true,
    job,
  });
  expect(
    (await graph.start({ id, inputs: { day: 1, depth: 'x' } })).userErrors.map((one) => one.path.join('.')),
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

describe('to others', () => {
  it('nothing of it exists, and without the scope or role nothing is done', async () => {
    const { definition } = await graph.apply({ name: 'secret' });
    const id = definition?.id as string;
    const made = await graph.schedule({ definitionId: id, cron: '@daily' });
    const scheduleId = made.schedule?.id as string;
    const { job } = await graph.start({ id });
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
        (await graph.mutate(field, type, selection, input, actor)).userErrors.map((one) => one.code);
      expect([field, await codes(stranger)]).toEqual([field, ['NOT_FOUND']]);
      expect([field, await codes(as('VIEWER'))]).toEqual([field, ['FORBIDDEN']]);
      expect([field, await codes(as('MAINTAINER', ['read']))]).toEqual([field, ['FORBIDDEN']]);
    }
    const foreign = await graph.apply({ name: 'theirs', organizationId }, stranger);
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
  expect((await graph.start({ id })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await graph.apply({ name: 'a\u0000b' })).userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  for (const list of ['jobDefinitions', 'schedules'])
    for (const key of [[], ['x', 'y'], ['2026-01-01T00:00:00Z', 'y']])
      await expect(
        weft.graphql(`query($after: String) { ${list}(after: $after) { edges { cursor } } }`, {
          after: encodeCursor(key),
        }),
      ).rejects.toThrow(/BAD_USER_INPUT/);
});
