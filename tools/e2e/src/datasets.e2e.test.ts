// A result becomes a dataset, outlives its job, is read by who was given it, and feeds another organization's job.
import { createHash } from 'node:crypto';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { finish, publishService, submitJob } from './testing/work.js';

let weft: Weft;
let owner: GraphClient;
let other: GraphClient;
let otherId: string;
let otherHome: string;

beforeAll(async () => {
  weft = await startWeft();
  owner = graphClient(weft.url, weft.token);
  const { user, secret } = await owner.mutate<{ user: { id: string }; secret: string }>(
    `mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } secret userErrors { code message } } }`,
    { name: 'other', token: { name: 'first', scopes: ['read', 'write'] } },
  );
  otherId = user.id;
  other = graphClient(weft.url, secret);
  const { me } = await other.query<{ me: { personalOrganization: { id: string } } }>(
    '{ me { personalOrganization { id } } }',
  );
  otherHome = me.personalOrganization.id;
}, 90_000);
afterAll(closeClients);

const unneeded = { relevant: false, obtained: false };
const metadataOf = (organisationId: string) => ({
  associations: { organisationId },
  approvals: {
    ...{ ethicsRegistration: unneeded, ethicsAccess: unneeded },
    ...{ indigenousKnowledge: unneeded, exportControls: unneeded },
  },
  datasetInfo: {
    ...{
      name: 'Corals',
      description: 'Counted.',
      accessInfo: { reposited: true },
      publisherId: organisationId,
    },
    ...{ createdDate: '2026-01-31', publishedDate: '2026-02-01' },
    license: 'https://creativecommons.org/licenses/by/4.0/',
  },
});

const changed = <T>(field: string, type: string, input: object, show = 'id'): Promise<T> =>
  owner
    .mutate<{ item: T }>(
      `mutation($input: ${type}!) { ${field}(input: $input) { item { ${show} } userErrors { code message path } } }`,
      { ...input },
    )
    .then(({ item }) => item);

interface Seen {
  readonly item: {
    readonly sha256: string;
    readonly artifact: { readonly id: string; readonly downloadUrl: string } | null;
  } | null;
}
const seenBy = async (client: GraphClient, id: string): Promise<Seen['item']> =>
  (
    await client.query<Seen>('query($id: ID!) { item(id: $id) { sha256 artifact { id downloadUrl } } }', {
      id,
    })
  ).item;

it('a result that is a value is a dataset with a file, for whom it is given to, also when its job is gone', async () => {
  const source = 'export const run = () => ({ corals: [1, 2.5, "three"] });';
  const jobId = await submitJob(owner, {
    serviceVersionId: await publishService(owner, 'count.mjs', source),
  });
  await finish(owner, jobId);
  const organisation = await changed<{ id: string }>('createItem', 'CreateItemInput', {
    ...{ subtype: 'ORGANISATION', metadata: { name: 'Reefs' } },
  });
  const { id } = await eventually('the job is recorded', () =>
    changed<{ id: string }>('registerJobResult', 'RegisterJobResultInput', {
      ...{ jobId, metadata: metadataOf(organisation.id) },
    }).catch((error: unknown) => {
      if (String(error).includes('NOT_FOUND')) return false as const;
      throw error;
    }),
  );
  const dataset = await eventually('it is stored', async () => {
    const seen = await seenBy(owner, id);
    return seen?.artifact != null && seen;
  });
  await owner.mutate(
    'mutation($input: DeleteJobInput!) { deleteJob(input: $input) { deletedJobId userErrors { code message } } }',
    { id: jobId },
  );
  await eventually('the job is gone', async () => {
    const { job } = await owner.query<{ job: unknown }>('query($id: ID!) { job(id: $id) { id } }', {
      id: jobId,
    });
    return job === null;
  });

  // Nobody else sees it, then one user may read the data, then not any more.
  expect(await seenBy(other, id)).toBeNull();
  const grant = (grants: object[]): Promise<unknown> =>
    changed('setItemAccess', 'SetItemAccessInput', { id, grants });
  await grant([{ kind: 'USER', principalId: otherId, roles: ['DATA_READ'] }]);
  const given = await eventually('it is open', async () => (await seenBy(other, id))?.artifact ?? undefined);
  const bytes = Buffer.from(await (await fetch(given.downloadUrl)).arrayBuffer());
  expect(JSON.parse(bytes.toString())).toEqual({ corals: [1, 2.5, 'three'] });
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(dataset.sha256);
  await grant([{ kind: 'USER', principalId: otherId, roles: ['METADATA_READ'] }]);
  const artifact = 'query($id: ID!) { artifact(id: $id) { id } }';
  await eventually('it is closed', async () => {
    const answer = await other.query<{ artifact: unknown }>(artifact, { id: given.id });
    return answer.artifact === null;
  });
  expect((await seenBy(other, id))?.artifact).toBeNull();

  // Given to an organization, it is input of its jobs.
  await grant([{ kind: 'ORGANIZATION', principalId: otherHome, roles: ['DATA_READ'] }]);
  const serviceVersionId = await publishService(
    other,
    'sum.mjs',
    'export const run = (data) => data.corals.length;',
  );
  const used = await submitJob(other, { serviceVersionId, dataArtifactId: given.id });
  expect((await finish(other, used)).result).toBe(3);

  await changed('withdrawItem', 'WithdrawItemInput', { id, reason: 'wrong' });
  await eventually('it lets go', async () => {
    const answer = await other.query<{ artifact: unknown }>(artifact, { id: given.id });
    return answer.artifact === null;
  });
}, 120_000);
