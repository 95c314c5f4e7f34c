// What the graph shows of a definition of kind COMMAND and of its webhook, and to whom.
import type { ClaimReply } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from './testing/jobs-service.js';

let weft: TestService;
beforeAll(async () => {
  weft = await startTestService();
}, 60_000);
afterAll(() => weft.stop());

const VALUE = 'hunter2-hunter2';
const URL_WITH_SECRET = 'https://hooks.dev/weft/t0p-path';
const SAVED = `change webhookSecret userErrors { code path } definition { id version current {
  kind size image serviceVersion { id } webhook { url } command {
    command startScript workingDirectory codeFileName codeArtifact { id } environment { name secret value } } } }`;

interface Saved {
  readonly change: string | null;
  readonly webhookSecret: string | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
  readonly definition: { readonly id: string; readonly current: Readonly<Record<string, unknown>> } | null;
}

const save = async (how: 'apply' | 'update', input: Readonly<Record<string, unknown>>): Promise<Saved> => {
  const type = `${how === 'apply' ? 'Apply' : 'Update'}JobDefinitionInput`;
  const document = `mutation($input: ${type}!) { saved: ${how}JobDefinition(input: $input) { ${SAVED} } }`;
  return (await weft.graphql<{ saved: Saved }>(document, { input })).saved;
};

it('is applied, shown without its secrets, changed, and turned into a service', async () => {
  const command = {
    command: 'echo $TOKEN',
    environment: [
      { name: 'MODE', value: 'fast' },
      { name: 'TOKEN', value: VALUE, secret: true },
    ],
  };
  const input = { name: 'deploy', command, webhook: { url: URL_WITH_SECRET } };
  const made = await save('apply', input);
  expect(made).toMatchObject({ change: 'CREATED', userErrors: [] });
  expect(made.webhookSecret).toMatch(/^whsec_/);
  const id = made.definition?.id as string;
  const shown = {
    kind: 'COMMAND',
    size: null,
    image: null,
    serviceVersion: null,
    webhook: { url: URL_WITH_SECRET },
    command: {
      command: 'echo $TOKEN',
      startScript: null,
      workingDirectory: null,
      codeFileName: null,
      codeArtifact: null,
      environment: [
        { name: 'MODE', secret: false, value: 'fast' },
        { name: 'TOKEN', secret: true, value: null },
      ],
    },
  };
  expect(made.definition?.current).toEqual(shown);

  // The file that is applied again may lie in a repository: it names its secrets, and has none.
  const named = { ...command, environment: [{ name: 'MODE', value: 'fast' }, { name: 'TOKEN' }] };
  expect(await save('apply', { ...input, command: named })).toMatchObject({
    change: 'UNCHANGED',
    webhookSecret: null,
  });
  const updated = await save('update', { id, size: 'small', image: 'shell' });
  expect(updated.definition?.current).toEqual({ ...shown, size: 'small', image: 'shell' });

  const { started } = await weft.graphql<{ started: { job: { id: string } } }>(
    `mutation($id: ID!) { started: startJobDefinition(input: { id: $id }) { job { id } } }`,
    { id },
  );
  const attempt = await eventually('the claim', async () => {
    const { attempts } = await weft.ask<ClaimReply>('claim', { capacity: 4, holdMs: 1_000, start: true });
    return attempts.find((one) => one.jobId === started.job.id);
  });
  expect(JSON.stringify(attempt)).toContain(VALUE);
  const { job } = await weft.graphql<{ job: unknown }>(
    `query($id: ID!) { job(id: $id) { kind webhook { url state } definition { id } command { environment { name value } } } }`,
    { id: started.job.id },
  );
  expect(job).toEqual({
    kind: 'COMMAND',
    webhook: { url: URL_WITH_SECRET, state: 'WAITING' },
    definition: { id },
    command: {
      environment: [
        { name: 'MODE', value: 'fast' },
        { name: 'TOKEN', value: null },
      ],
    },
  });

  const service = await save('update', {
    id,
    serviceVersionId: weft.serviceVersionId,
    image: null,
    webhook: null,
  });
  expect(service.definition?.current).toMatchObject({
    kind: 'MANAGED_SERVICE',
    command: null,
    webhook: null,
    size: 'small',
    serviceVersion: { id: weft.serviceVersionId },
  });
  // What it ran before went with it: there is nothing to keep.
  expect((await save('update', { id, command: named })).userErrors).toEqual([
    { code: 'BAD_USER_INPUT', path: ['input', 'command', 'environment', '1', 'value'] },
  ]);
  expect((await save('apply', { ...input, serviceVersionId: weft.serviceVersionId })).userErrors).toEqual([
    { code: 'BAD_USER_INPUT', path: ['input', 'command'] },
  ]);
});

it('shows a viewer no path of the webhook, and a stranger nothing', async () => {
  const { definition } = await save('apply', {
    name: 'told',
    serviceVersionId: weft.serviceVersionId,
    webhook: { url: URL_WITH_SECRET },
  });
  const read = async (actor: ReturnType<typeof aUser>): Promise<unknown> =>
    (
      await weft.graphql<{ jobDefinition: unknown }>(
        'query($id: ID!) { jobDefinition(id: $id) { current { webhook { url } } } }',
        { id: definition?.id },
        actor,
      )
    ).jobDefinition;
  const organization = { id: weft.user.personalOrganizationId as string, role: 'VIEWER' as const };
  expect(await read({ ...aUser(), organizations: [organization] })).toEqual({
    current: { webhook: { url: 'https://hooks.dev/…' } },
  });
  expect(await read(aUser())).toBeNull();
});
