// What the platform writes down by itself of a real job, through the gateway only.
import { createHash } from 'node:crypto';
import { canonicalEnvironment, type RunEnvironment } from '@weft/contracts';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft } from './testing/weft.js';
import { finish, publishService, submitJob } from './testing/work.js';

let client: GraphClient;

beforeAll(async () => {
  const weft = await startWeft({ args: [] });
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Told {
  readonly submitter: { readonly user: { readonly name: string } };
  readonly onBehalfOf: { readonly organization: { readonly id: string } };
  readonly target: { readonly name: string; readonly target: { readonly id: string; readonly name: string } };
  readonly environments: {
    readonly edges: readonly {
      readonly node: { readonly environmentDigest: string; readonly environment: RunEnvironment | null };
    }[];
  };
  readonly code: {
    readonly edges: readonly {
      readonly node: {
        readonly name: string;
        readonly sha256: string | null;
        readonly runtime: string | null;
      };
    }[];
  };
}

const TOLD = `query($id: ID!) { job(id: $id) { owner { id } provenance {
  submitter { user { name } } onBehalfOf { organization { id } } target { name target { id name } }
  environments { edges { node { environmentDigest environment } } } code { edges { node { name sha256 runtime } } } } } }`;

/** Once all that is told apart from the job has come. */
const toldOf = (id: string) =>
  eventually('the whole provenance', async () => {
    const { job } = await client.query<{ job: { owner: { id: string }; provenance: Told | null } }>(TOLD, {
      id,
    });
    const environment = job.provenance?.environments.edges[0]?.node.environment;
    const hash = job.provenance?.code.edges[0]?.node.sha256;
    return job.provenance && environment && hash ? { ...job.provenance, owner: job.owner } : undefined;
  });

const SAYS_WHERE = {
  'where.mjs': `import { arch, platform } from 'node:os';
export const run = () => ({ version: process.versions.node, arch: arch(), os: platform() });`,
  'where.py': `import platform, sys
def run(data, params, context):
    return {"version": platform.python_version(), "os": sys.platform}`,
};

it.each(Object.entries(SAYS_WHERE))(
  'by whom, for whom, by which code, on what and in what a job ran: %s',
  async (file, code) => {
    const serviceVersionId = await publishService(client, file, code);
    const id = await submitJob(client, { serviceVersionId });
    const { state, result } = await finish(client, id);
    expect(state).toBe('SUCCEEDED');
    const told = await toldOf(id);
    expect(told.code.edges).toHaveLength(1);
    expect(told.code.edges[0]?.node).toMatchObject({
      sha256: sha256(code),
      runtime: file.endsWith('.py') ? 'PYTHON' : 'NODEJS',
    });
    expect(told.onBehalfOf.organization).toEqual(told.owner);
    expect(told.submitter.user.name).toEqual(expect.any(String));
    expect(told.target.name).toBe(`target ${told.target.target.name}`);
    const { environmentDigest, environment } = told.environments.edges[0]?.node ?? {};
    expect(environmentDigest).toBe(sha256(canonicalEnvironment(environment as RunEnvironment)));
    // The service itself has said what it found around it.
    const { version, ...platform } = result as { version: string; os: string };
    expect(environment).toMatchObject({ runtime: { version }, platform });
  },
  60_000,
);

it('a command by its hash; equal places have the same digest', async () => {
  const command = 'echo "{}" > "$WEFT_RESULT_FILE"';
  const ids = await Promise.all([1, 2].map(() => submitJob(client, { command: { command } })));
  for (const id of ids) expect((await finish(client, id)).state).toBe('SUCCEEDED');
  const [one, other] = await Promise.all(ids.map(toldOf));
  expect(one?.code.edges.map(({ node }) => node.sha256)).toEqual([sha256(command)]);
  expect(one?.environments.edges[0]?.node.environment?.runtime).toBeNull();
  expect(other?.environments).toEqual(one?.environments);
}, 60_000);

it('what a job made becomes a dataset that the job has generated', async () => {
  const serviceVersionId = await publishService(client, 'six.mjs', 'export const run = () => 6 * 7;');
  const id = await submitJob(client, { serviceVersionId });
  await finish(client, id);
  await toldOf(id);
  const { createItem } = await client.query<{ createItem: { item: { id: string } } }>(
    `mutation { createItem(input: { subtype: ORGANISATION, metadata: { name: "Reef institute" } }) { item { id } } }`,
  );
  const approval = { relevant: false, obtained: false };
  const organisationId = createItem.item.id;
  const metadata = {
    associations: { organisationId },
    approvals: {
      ethicsRegistration: approval,
      ethicsAccess: approval,
      indigenousKnowledge: approval,
      exportControls: approval,
    },
    datasetInfo: {
      ...{ name: 'The answer', description: 'As it came.', accessInfo: { reposited: true } },
      ...{ publisherId: organisationId, createdDate: '2026-11-21', publishedDate: '2026-11-21' },
      license: 'https://creativecommons.org/licenses/by/4.0/',
    },
  };
  const { registerJobResult } = await client.query<{
    registerJobResult: { item: { id: string } | null; userErrors: unknown[] };
  }>(
    `mutation($input: RegisterJobResultInput!) { registerJobResult(input: $input) { item { id } userErrors { code message path } } }`,
    { input: { jobId: id, metadata } },
  );
  expect(registerJobResult.userErrors).toEqual([]);
  const item = await eventually('its registration', async () => {
    const answer = await client.query<{
      item: { workflow: { state: string }; downstream: { edges: { relation: string }[] } };
    }>(
      `query($id: ID!) { item(id: $id) { pid subtype sha256 job { id state } workflow { state } wasGeneratedBy { job { id } }
         downstream { edges { relation node { name } } } } }`,
      { id: registerJobResult.item?.id },
    );
    return answer.item.workflow.state === 'SUCCEEDED' ? answer.item : undefined;
  });
  expect(item).toMatchObject({
    subtype: 'DATASET',
    sha256: sha256('42'),
    job: { id, state: 'SUCCEEDED' },
    wasGeneratedBy: { job: { id } },
  });
  // It was a value: the file that it was stored as is the same thing by another name. Its registration speaks of its record.
  expect(new Set(item.downstream.edges.map(({ relation }) => relation))).toEqual(
    new Set(['ALTERNATE_OF', 'SPECIALIZATION_OF']),
  );
}, 60_000);
