// What the end-to-end tests do with the graph, in its users' words: publish a service, submit a job, watch it.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { eventually } from '@weft/testkit';
import type { GraphClient, Live } from './client.js';
import { REPO } from './weft.js';

export const exampleFile = (path: string): string => join(REPO, 'tools/examples', path);

/** Uploads the file as code and gives it a service with one published version; returns the version's id. */
export async function publishService(
  client: GraphClient,
  file: string,
  source = readFileSync(exampleFile(file), 'utf8'),
): Promise<string> {
  const runtime = file.endsWith('.py') ? 'PYTHON' : 'NODEJS';
  const artifactId = await client.upload(basename(file), 'text/plain', 'CODE', source);
  const name = `${basename(file).replace(/\W/g, '-')}-${randomBytes(4).toString('hex')}`;
  const { service } = await client.mutate<{ service: { id: string } }>(
    `mutation($input: CreateServiceInput!) { createService(input: $input) { service { id } userErrors { code message } } }`,
    { name },
  );
  const { serviceVersion } = await client.mutate<{ serviceVersion: { id: string } }>(
    `mutation($input: AddServiceVersionInput!) { addServiceVersion(input: $input) { serviceVersion { id } userErrors { code message } } }`,
    { serviceId: service.id, version: '1.0.0', code: { artifactId, runtime } },
  );
  await client.mutate(
    `mutation($input: PublishServiceVersionInput!) { publishServiceVersion(input: $input) { serviceVersion { id } userErrors { code message } } }`,
    { id: serviceVersion.id },
  );
  return serviceVersion.id;
}

export async function submitJob(
  client: GraphClient,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { job } = await client.mutate<{ job: { id: string } }>(
    `mutation($input: SubmitJobInput!) { submitJob(input: $input) { job { id } userErrors { code message } } }`,
    input,
  );
  return job.id;
}

export interface JobPayload {
  readonly jobChanged: {
    readonly seq: number;
    readonly transitions: readonly {
      readonly seq: number;
      readonly cause: string;
      readonly to: string;
      readonly attempt: number | null;
    }[];
    readonly job: {
      readonly state: string;
      readonly result: unknown;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly service: { readonly name: string } | null;
      readonly owner: { readonly name: string } | null;
      readonly target: { readonly name: string } | null;
    };
  };
}

/** Fields from three subgraphs in one selection. */
const WATCH = `subscription($id: ID!, $after: Int) {
  jobChanged(id: $id, after: $after) {
    seq
    transitions { seq cause to attempt }
    job { state result error { code message } service { name } owner { name } target { name } }
  }
}`;

export const watchJob = (client: GraphClient, id: string, after = 0): Live<JobPayload> =>
  client.follow<JobPayload>(WATCH, { id, after });

export const seqsOf = (live: Live<JobPayload>): number[] =>
  live.payloads.flatMap((payload) => payload.jobChanged.transitions.map((transition) => transition.seq));

export const causesOf = (live: Live<JobPayload>): string[] =>
  live.payloads.flatMap((payload) => payload.jobChanged.transitions.map((transition) => transition.cause));

/** `1, 2, … n`: what a history without a gap looks like. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

export interface FinalJob {
  readonly state: string;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly attempts: readonly { readonly number: number; readonly outcome: string }[];
}

/** Follows the job to its end and reads it. */
export async function finish(client: GraphClient, id: string): Promise<FinalJob> {
  await watchJob(client, id).ended;
  const { job } = await client.query<{ job: FinalJob }>(
    `query($id: ID!) { job(id: $id) { state result error { code message } attempts { number outcome } } }`,
    { id },
  );
  return job;
}

export async function logOf(client: GraphClient, id: string): Promise<string[]> {
  const { job } = await client.query<{ job: { logs: { edges: { node: { text: string } }[] } } }>(
    `query($id: ID!) { job(id: $id) { logs(first: 100) { edges { node { text } } } } }`,
    { id },
  );
  return job.logs.edges.map((edge) => edge.node.text);
}

/** Submits a job of the sleeper and waits until it runs. */
export const startedJob = async (client: GraphClient, serviceVersionId: string, ms: number) => {
  const id = await submitJob(client, { serviceVersionId, data: { ms } });
  const live = watchJob(client, id);
  await eventually('the start', () => causesOf(live).includes('STARTED'));
  return { id, live };
};
