// The first job: publishes the example service and runs a public problem through the gateway, as any client would.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, type GraphClient } from './sample-client.js';
import {
  ADD_VERSION,
  CREATE_SERVICE,
  CREATE_UPLOAD,
  JOB_CHANGED,
  PUBLISH_VERSION,
  SUBMIT_JOB,
  type Watched,
} from './sample-documents.js';

const SERVICE = 'qubo-tabu-search';
const INSTANCE = 'bqp50_1.qubo';
const BEST_KNOWN = 2098;
const PARAMS = { seed: 1, timeMs: 1_000 };

export interface SampleOutcome {
  readonly jobId: string;
  readonly state: string;
}

/** Runs it and tells every transition as it arrives. Throws when the graph refuses something. */
export async function showSample(
  graph: GraphClient,
  examples: string,
  say: (line: string) => void,
): Promise<SampleOutcome> {
  const fileOf = (...path: string[]): string => readFileSync(join(examples, 'qubo', ...path), 'utf8');
  say(
    `  A first job: ${INSTANCE}, an optimisation problem of 50 variables, by the example service ${SERVICE}`,
  );

  const code = await upload(
    graph,
    { name: 'qubo.mjs', mediaType: 'text/javascript', kind: 'CODE' },
    fileOf('qubo.mjs'),
  );
  const data = await upload(
    graph,
    { name: INSTANCE, mediaType: 'text/plain', kind: 'INPUT' },
    fileOf('instances', INSTANCE),
  );
  const service = await createService(graph, SERVICE);
  const added = await graph.mutate<{ serviceVersion: { id: string } }>(ADD_VERSION, {
    serviceId: service,
    version: '1.0.0',
    description: 'Tabu search for QUBO problems.',
    code: { artifactId: code, runtime: 'NODEJS' },
    dataSchema: JSON.parse(fileOf('data.schema.json')) as unknown,
    paramsSchema: JSON.parse(fileOf('params.schema.json')) as unknown,
  });
  const serviceVersionId = added.serviceVersion.id;
  await graph.mutate(PUBLISH_VERSION, { id: serviceVersionId });

  const { job } = await graph.mutate<{ job: { id: string } }>(SUBMIT_JOB, {
    name: 'First job',
    serviceVersionId,
    dataArtifactId: data,
    params: PARAMS,
    tags: ['example'],
  });
  const last = await watch(graph, job.id, say);
  tellEnd(last, say);
  return { jobId: job.id, state: last.state };
}

async function upload(
  graph: GraphClient,
  input: { name: string; mediaType: string; kind: string },
  body: string,
): Promise<string> {
  const { upload: target } = await graph.mutate<{ upload: { artifactId: string; url: string } }>(
    CREATE_UPLOAD,
    input,
  );
  await graph.put(target.url, input.mediaType, body);
  return target.artifactId;
}

/** A start that was killed in the middle has made the service before: then under another name. */
async function createService(graph: GraphClient, name: string): Promise<string> {
  const description = 'Finds good solutions of quadratic unconstrained binary optimisation problems.';
  try {
    return (await graph.mutate<{ service: { id: string } }>(CREATE_SERVICE, { name, description })).service
      .id;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'CONFLICT' || name !== SERVICE) throw error;
    return createService(graph, `${SERVICE}-${randomBytes(3).toString('hex')}`);
  }
}

async function watch(
  graph: GraphClient,
  jobId: string,
  say: (line: string) => void,
): Promise<Watched['jobChanged']['job']> {
  let firstAt: number | undefined;
  let last: Watched['jobChanged']['job'] | undefined;
  for await (const { jobChanged } of graph.subscribe<Watched>(JOB_CHANGED, { id: jobId })) {
    for (const { at, cause, to, attempt } of jobChanged.transitions) {
      const time = Date.parse(at);
      firstAt ??= time;
      const seconds = ((time - firstAt) / 1_000).toFixed(2).padStart(7);
      say(
        `    ${seconds} s  ${to.padEnd(12)} ${cause.toLowerCase().replaceAll('_', ' ')}${attempt === null ? '' : `, attempt ${attempt}`}`,
      );
    }
    last = jobChanged.job;
  }
  if (last === undefined) throw new Error(`the subscription of job ${jobId} ended without a word`);
  return last;
}

function tellEnd(job: Watched['jobChanged']['job'], say: (line: string) => void): void {
  const parties = `${job.service?.name ?? '?'} on ${job.target?.name ?? '?'} for ${job.owner?.name ?? '?'}`;
  if (job.result === null) {
    say(`    ${job.state}: ${job.error?.code ?? ''} ${job.error?.message ?? 'no result'} (${parties})`);
    return;
  }
  const verdict =
    job.result.best === BEST_KNOWN ? 'the best value known' : `the best value known is ${BEST_KNOWN}`;
  say(`    Result: ${job.result.best}, ${verdict} (${parties})`);
}
