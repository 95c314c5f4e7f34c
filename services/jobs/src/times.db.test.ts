// Times and settings as the graph takes them, wherever something is started.
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';
import { storedGraph, type Payload } from './testing/stored-graph.js';

let weft: TestService;
let graph: ReturnType<typeof storedGraph>;
beforeAll(async () => {
  weft = await startTestService();
  graph = storedGraph(weft);
  const { references } = weft.service.context.ports;
  await eventually('what jobs name is known here', async () => {
    const versions = await references.serviceVersions([weft.serviceVersionId]);
    return versions.size > 0 && (await references.target('local-process')) !== undefined;
  });
}, 60_000);
afterAll(() => weft.stop());

const ahead = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const JOB = 'startAt deadline reason name tags priority';

it('batches and steps of workflows have them', async () => {
  const times = { startAt: ahead(1), deadline: ahead(2) };
  const run = { serviceVersionId: weft.serviceVersionId, ...times };
  const nodes = `jobs { edges { node { ${JOB} } } }`;
  const batch = await graph.mutate<Payload & { batch: unknown }>(
    'submitBatch',
    'SubmitBatchInput',
    `batch { ${nodes} }`,
    { ...run, jobs: [{}] },
  );
  expect(batch).toMatchObject({ batch: { jobs: { edges: [{ node: { ...times, reason: 'SCHEDULED' } }] } } });
  const workflow = await graph.mutate<Payload & { workflow: unknown }>(
    'submitWorkflow',
    'SubmitWorkflowInput',
    `workflow { steps { job { ${JOB} } } }`,
    { steps: [{ key: 'a', ...run }] },
  );
  expect(workflow).toMatchObject({ workflow: { steps: [{ job: { ...times, reason: 'SCHEDULED' } }] } });
});

it('a start has them over what the definition says', async () => {
  const { definition } = await graph.apply({ name: 'timed', deadlineSeconds: 3_600, tags: ['a'] });
  const id = definition?.id ?? '';
  const start = async (input: object) =>
    graph.mutate<Payload & { job: unknown }>(
      'startJobDefinition',
      'StartJobDefinitionInput',
      `job { ${JOB} definitionVersion { deadlineSeconds } }`,
      { id, ...input },
    );
  const settings = { name: 'mine', tags: ['b'], priority: 9, startAt: ahead(1), deadline: ahead(2) };
  expect((await start(settings)).job).toEqual({
    ...settings,
    reason: 'SCHEDULED',
    definitionVersion: { deadlineSeconds: 3_600 },
  });
  const nothing = { name: null, tags: null, priority: null, startAt: null, deadline: null };
  expect((await start(nothing)).job).toMatchObject({
    name: 'timed',
    tags: ['a'],
    priority: 0,
    startAt: null,
  });
  expect((await graph.apply({ name: 'timed', tags: ['a'] })).change).toBe('UPDATED');
  expect((await start({})).job).toMatchObject({ deadline: null });
});
