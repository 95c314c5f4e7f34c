// Jobs that run nothing on the benchmarks' target, and what is watched of them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asker } from './client.js';

/** The settings under which a local Weft serves the target. */
export const NOOP_ENV = {
  WEFT_BENCH: '1',
  WORKER_TARGETS: 'local-process,local-noop',
  WORKER_CONCURRENCY: '64',
} as const;

const TARGET = 'local-noop';
const CODE = 'export function run() { return null; }';

export interface NoopParams {
  /** How long the job runs. */
  readonly waitMs?: number;
  readonly logLines?: number;
}

export interface NoopJobs {
  readonly serviceVersionId: string;
  readonly targetId: string;
  submit(params: NoopParams): Promise<string>;
}

type Payload = Readonly<Record<string, { id: string } & { artifactId: string; url: string }>> & {
  userErrors: readonly unknown[];
};

/** Publishes the service that the jobs name, and waits until a worker serves the target. */
export async function prepareNoopJobs(asker: Asker): Promise<NoopJobs> {
  const mutate = async (field: string, type: string, selection: string, input: unknown): Promise<Payload> => {
    const document = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code message } } }`;
    const data = await asker.query<Record<string, Payload>>(document, { input });
    const payload = data[field];
    if (payload === undefined || payload.userErrors.length > 0) throw new Error(JSON.stringify(data));
    return payload;
  };
  const { upload } = await mutate('createUpload', 'CreateUploadInput', 'upload { artifactId url }', {
    name: 'noop.js',
    mediaType: 'text/plain',
    kind: 'CODE',
  });
  const put = { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: CODE };
  const stored = await fetch(upload?.url ?? '', put);
  if (!stored.ok) throw new Error(`The upload answered ${stored.status}`);
  const { service } = await mutate('createService', 'CreateServiceInput', 'service { id }', { name: 'noop' });
  const { serviceVersion } = await mutate(
    'addServiceVersion',
    'AddServiceVersionInput',
    'serviceVersion { id }',
    {
      serviceId: service?.id,
      version: '1.0.0',
      code: { artifactId: upload?.artifactId, runtime: 'NODEJS' },
    },
  );
  const serviceVersionId = serviceVersion?.id ?? '';
  await mutate('publishServiceVersion', 'PublishServiceVersionInput', 'serviceVersion { id }', {
    id: serviceVersionId,
  });
  await targetServed(asker);
  return {
    serviceVersionId,
    targetId: TARGET,
    async submit(params) {
      const input = { serviceVersionId, targetId: TARGET, params };
      return (await mutate('submitJob', 'SubmitJobInput', 'job { id }', input))['job']?.id ?? '';
    },
  };
}

async function targetServed(asker: Asker): Promise<void> {
  for (let patience = 200; patience > 0; patience -= 1) {
    const query = '{ target(id: "local-noop") { status } }';
    if ((await asker.query<{ target: { status: string } | null }>(query)).target?.status === 'AVAILABLE')
      return;
    await sleep(100);
  }
  throw new Error('No worker serves the target local-noop');
}

/** Fields of the subgraph that pushes, and fields of three subgraphs. */
export const SELECTIONS = {
  plain: 'state result',
  crossing: 'state result service { name } target { name }',
} as const;

export const WATCH = (selection: string): string =>
  `subscription ($id: ID!) { jobChanged(id: $id) { seq transitions { seq to } job { ${selection} } } }`;

export interface Watched {
  readonly jobChanged: {
    readonly seq: number;
    readonly transitions: readonly { readonly seq: number; readonly to: string }[];
    readonly job: { readonly state: string; readonly result: { readonly endedAt: number } | null };
  };
}
