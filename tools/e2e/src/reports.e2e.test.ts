// A report from its request to its files, through the three services as they are, in one process: the registry asks by an
// event, jobs gives the job to the registry's worker, that stores its files with execution, and the user downloads them.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@weft/database';
import { createExecutionService, executionConfig, type ExecutionService } from '@weft/execution';
import { createJobsService, jobsConfig, type JobsService } from '@weft/jobs';
import { createRegistryService, registryConfig, type RegistryService } from '@weft/registry';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import {
  aUser,
  emptyTestDatabase,
  eventually,
  testBroker,
  testIdentity,
  type TestBroker,
  type TestIdentity,
} from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

const logger = createLogger('test', 'silent');
const user = aUser();
let broker: TestBroker;
let identity: TestIdentity;
let artifactDir: string;
let registryUrl: string;
let jobs: JobsService;
let execution: ExecutionService;
let registry: RegistryService;

beforeAll(async () => {
  [broker, identity] = [await testBroker(), await testIdentity()];
  artifactDir = mkdtempSync(join(tmpdir(), 'weft-reports-'));
  registryUrl = await emptyTestDatabase('registry');
  const shared = (role: string, url: string) => ({
    DATABASE_URL: url,
    NATS_URL: broker.url,
    NATS_USER: role,
    NATS_PASSWORD: broker.password(role),
    ACTOR_JWKS: identity.jwks,
  });
  jobs = await createJobsService(
    jobsConfig.read({
      ...shared('jobs', await emptyTestDatabase('jobs')),
      SECRETS_KEY: newSecretsKey(),
      JOBS_SWEEP: '200ms',
    }),
    { logger },
  );
  execution = await createExecutionService(
    executionConfig.read({
      ...shared('execution', await emptyTestDatabase('execution')),
      ARTIFACT_DIR: artifactDir,
      ARTIFACT_SIGNING_KEY: randomBytes(32).toString('hex'),
      PUBLIC_URL: 'http://gateway.test',
    }),
    { logger },
  );
  registry = await createRegistryService(registryConfig.read(shared('registry', registryUrl)), { logger });
}, 60_000);
afterAll(async () => {
  await registry.stop();
  await execution.stop();
  await jobs[Symbol.asyncDispose]();
  rmSync(artifactDir, { recursive: true, force: true });
});

async function ask<T>(url: string, query: string, variables: object = {}, actor = user): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: await identity.authorization(actor) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** Model runs have no mutation of their own yet. */
async function aModelRun(): Promise<string> {
  const id = randomUUID();
  const database = await openDatabase({
    url: registryUrl,
    logger,
    applicationName: 'test',
    entities: [],
    migrations: [],
  });
  const metadata = { displayName: 'Reef run', description: 'Grows reefs.' };
  await database.query(
    `with n as (
       insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, search, registered)
       values ($1, 'ACTIVITY', 'MODEL_RUN', $2, 1, 'Reef run', '{}', array[$2::uuid], '', true) returning id
     )
     insert into item (node, pid, record_type, schema_version, metadata, tags, owner_id, created_by, revision, series_id, version)
     select id, 'ark:99999/w1reefrun', 'COMPLETE', 1, $3, '{}', $4, $4, 1, $1, 1 from n`,
    [id, user.personalOrganizationId, metadata, user.id],
  );
  await database.close();
  return id;
}

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly job: { readonly id: string };
  readonly htmlArtifact: { readonly id: string } | null;
  readonly docxArtifact: { readonly id: string } | null;
}
const SHOWN = 'id state job { id } htmlArtifact { id } docxArtifact { id }';

it('a report job ends, and its files can be downloaded by who asked and by nobody else', async () => {
  const { generateReport } = await ask<{ generateReport: { report: Shown } }>(
    registry.url,
    `mutation ($id: ID!) { generateReport(input: { id: $id }) { report { ${SHOWN} } userErrors { message } } }`,
    { id: await aModelRun() },
  );
  const { id } = generateReport.report;
  const report = await eventually('the report is there', async () => {
    const query = `query ($id: ID!) { report(id: $id) { ${SHOWN} } }`;
    const found = (await ask<{ report: Shown }>(registry.url, query, { id })).report;
    return found.state === 'SUCCEEDED' && found;
  });
  await eventually('its job has succeeded', async () => {
    const query = `query ($id: ID!) { job(id: $id) { state } }`;
    const { job } = await ask<{ job: { state: string } }>(jobs.url, query, { id: report.job.id });
    return job.state === 'SUCCEEDED';
  });

  const artifact = `query ($id: ID!) { artifact(id: $id) { kind name mediaType downloadUrl } }`;
  const download = async (artifactId: string | undefined) => {
    const found = await ask<{ artifact: { kind: string; name: string; downloadUrl: string } }>(
      execution.url,
      artifact,
      { id: artifactId },
    );
    expect(found.artifact.kind).toBe('REPORT');
    const url = found.artifact.downloadUrl.replace('http://gateway.test', new URL(execution.url).origin);
    return { name: found.artifact.name, bytes: Buffer.from(await (await fetch(url)).arrayBuffer()) };
  };
  const page = await download(report.htmlArtifact?.id);
  expect(page.name).toBe('report-Reef-run.html');
  expect(page.bytes.toString()).toContain('Report of Reef run');
  const word = await download(report.docxArtifact?.id);
  expect(word.name).toBe('report-Reef-run.docx');
  expect(word.bytes.subarray(0, 2).toString()).toBe('PK');
  const others = await ask(execution.url, artifact, { id: report.htmlArtifact?.id }, aUser());
  expect(others).toEqual({ artifact: null });
});
