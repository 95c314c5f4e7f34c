// Schemas whose check has no end: they cost who made them, and nobody else.
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aUser } from '@weft/testkit';
import { startTestService, type TestService } from './testing/jobs-service.js';

const SLOW = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
const ENDLESS = { a: `${'a'.repeat(34)}!` };
const APPLY = `mutation($input: ApplyJobDefinitionInput!) {
  applyJobDefinition(input: $input) { definition { id } userErrors { code message } }
}`;
const START = `mutation($input: StartJobDefinitionInput!) {
  startJobDefinition(input: $input) { job { id } userErrors { code message } }
}`;
interface Started {
  readonly startJobDefinition: {
    readonly job: { readonly id: string } | null;
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  };
}

let weft: TestService;
const stranger = aUser();

beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

async function definition(name: string, actor = weft.user): Promise<string> {
  const input = { name, command: { command: 'true' }, inputs: SLOW };
  const { applyJobDefinition: applied } = await weft.graphql<{
    applyJobDefinition: { definition: { id: string } | null; userErrors: unknown[] };
  }>(APPLY, { input }, actor);
  if (applied.definition === null) throw new Error(JSON.stringify(applied.userErrors));
  return applied.definition.id;
}

const start = async (id: string, inputs: object, actor = weft.user): Promise<string> =>
  weft.graphql<Started>(START, { input: { id, inputs } }, actor).then(
    ({ startJobDefinition: { job, userErrors } }) =>
      job === null ? userErrors.map(({ code, message }) => `${code} ${message}`).join() : 'started',
    (error: Error) =>
      (JSON.parse(error.message) as { extensions: { code: string } }[])[0]?.extensions.code ?? '',
  );

it('answers everybody else while an organization has endless checks under way', async () => {
  const id = await definition('endless');
  const theirs = await definition('theirs', stranger);
  expect(await start(id, { a: 'aaa' })).toBe('started');

  const before = performance.eventLoopUtilization();
  const order: string[] = [];
  const endless = Array.from({ length: 15 }, () =>
    start(id, ENDLESS).then((told) => {
      order.push('endless');
      return told;
    }),
  );
  for (let n = 0; n < 5; n++) await weft.graphql('{ jobs(first: 1) { edges { cursor } } }', {});
  order.push('listed');
  expect(await start(theirs, { a: 'aaa' }, stranger)).toBe('started');
  order.push('started');
  await weft.submit();
  order.push('submitted');
  const told = await Promise.all(endless);

  expect(order.filter((one) => one !== 'endless')).toEqual(['listed', 'started', 'submitted']);
  expect(order.indexOf('submitted')).toBeLessThan(8);
  // Fifteen checks had the event loop for fifteen seconds.
  expect(performance.eventLoopUtilization(before).active).toBeLessThan(3_000);
  const codes = new Set(told.map((one) => one.split(' ')[0]));
  expect([...codes].sort()).toEqual(['SCHEMA_CHECKS_BUSY', 'SCHEMA_TOO_EXPENSIVE']);
  expect(told.join()).not.toMatch(/script|timed out|\dms/i);
}, 60_000);

it('asks no thread where there is no schema', async () => {
  // The organization has spent its time: only what is not asked is answered.
  const plain = { name: 'plain', command: { command: 'true' } };
  const { applyJobDefinition } = await weft.graphql<{
    applyJobDefinition: { definition: { id: string } };
  }>(APPLY, { input: plain });
  expect(await start(applyJobDefinition.definition.id, {})).toBe('started');
  expect(await start(applyJobDefinition.definition.id, { a: 1 })).toMatch(/^INPUT_SCHEMA_VIOLATION /);
});
