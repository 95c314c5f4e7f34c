// A live list of jobs through the gateway: what changes is joined with fields of other subgraphs, a payload at a time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createActorIssuer, type SigningKey } from '@weft/identity';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { publishService, submitJob } from './testing/work.js';

let weft: Weft;
let client: GraphClient;
let serviceVersionId: string;
beforeAll(async () => {
  // The jobs run nothing: what is tested is the way to the client.
  weft = await startWeft({
    env: { WEFT_BENCH: '1', WORKER_TARGETS: 'local-process,local-noop', WORKER_CONCURRENCY: '16' },
  });
  client = graphClient(weft.url, weft.token);
  // It is there from the first sign of its worker on.
  await eventually('the target', async () => {
    const { target } = await client.query<{ target: unknown }>(`{ target(id: "local-noop") { id } }`);
    return target !== null;
  });
  serviceVersionId = await publishService(client, 'noop.mjs', 'export const run = () => null;');
}, 90_000);
afterAll(closeClients);

interface Payload {
  readonly jobsChanged: {
    readonly cursor: string;
    readonly changes: readonly {
      readonly kind: string;
      readonly jobId: string | null;
      readonly job: {
        readonly state: string;
        readonly target: { readonly name: string } | null;
        readonly owner: { readonly name: string } | null;
        readonly service: { readonly name: string } | null;
      } | null;
    }[];
  };
}

const watch = (text: string, after?: string) =>
  client.follow<Payload>(
    `subscription ($filter: JobFilter, $after: String) {
      jobsChanged(filter: $filter, after: $after) {
        cursor
        changes { kind jobId job { state target { name } owner { name } service { name } } }
      }
    }`,
    { filter: { text }, after },
  );

const changesOf = (live: ReturnType<typeof watch>) =>
  live.payloads.flatMap((payload) => payload.jobsChanged.changes);

/** How many GraphQL requests a subgraph has answered. */
async function requestsTo(subgraph: 'execution' | 'marketplace'): Promise<number> {
  const secrets = JSON.parse(readFileSync(join(weft.data, 'secrets.json'), 'utf8')) as {
    actorSigningKey: SigningKey;
  };
  const actors = await createActorIssuer(secrets.actorSigningKey.privateJwk);
  const response = await fetch(new URL('/metrics', weft.run().subgraphs[subgraph].url), {
    headers: { authorization: `Bearer ${await actors.sign(aUser())}` },
  });
  return Number(/^weft_http_seconds_count.* (\d+)$/m.exec(await response.text())?.[1] ?? 0);
}

const JOBS = 40;

it('tells every job to its end, and asks each other subgraph once for a payload', async () => {
  const live = watch('listed');
  await eventually('the first payload', () => live.payloads.length > 0);
  expect(changesOf(live)).toEqual([{ kind: 'REFETCH', jobId: null, job: null }]);
  const before = { execution: await requestsTo('execution'), marketplace: await requestsTo('marketplace') };
  await client.mutate(
    `mutation($input: SubmitBatchInput!) { submitBatch(input: $input) { batch { id } userErrors { code message } } }`,
    {
      name: 'listed',
      serviceVersionId,
      targetId: 'local-noop',
      jobs: Array.from({ length: JOBS }, (_, n) => ({ params: { n } })),
    },
  );
  const ended = () =>
    new Set(changesOf(live).flatMap(({ jobId, job }) => (job?.state === 'SUCCEEDED' ? [jobId] : [])));
  await eventually('all have ended', () => ended().size === JOBS, 30_000);
  for (const { kind, job } of changesOf(live).slice(1)) {
    expect(kind).toBe('CHANGED');
    const name = expect.any(String) as string;
    expect(job).toMatchObject({ target: { name }, owner: { name }, service: { name } });
  }
  // A payload asks for the targets of all its jobs together, and so for their owners and for their services.
  const payloads = live.payloads.length - 1;
  const asked = (await requestsTo('execution')) - before.execution;
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(payloads);
  const tokens = 10;
  expect((await requestsTo('marketplace')) - before.marketplace).toBeLessThanOrEqual(2 * payloads + tokens);
  expect(Math.max(...live.payloads.map((one) => one.jobsChanged.changes.length))).toBeGreaterThan(5);
  live.leave();
}, 60_000);

it('goes on where it was, and is told to ask anew by another process', async () => {
  const input = { serviceVersionId, targetId: 'local-noop' };
  const live = watch('resumed');
  await eventually('the first payload', () => live.payloads.length > 0);
  const cursor = live.payloads[0]?.jobsChanged.cursor;
  const between = await submitJob(client, { ...input, name: 'resumed 1' });
  const again = watch('resumed', cursor);
  await eventually('what came between', () => changesOf(again).some(({ jobId }) => jobId === between));
  expect(changesOf(again).map(({ kind }) => kind)).not.toContain('REFETCH');
  await weft.killAndAwaitRestart((run) => run.subgraphs.jobs.pid);
  // The gateway resumes by itself; what happened at the process that is gone has to be asked for again.
  for (const list of [live, again])
    await eventually('it is said to ask anew', () =>
      list.payloads
        .slice(1)
        .some(({ jobsChanged }) => jobsChanged.changes.some(({ kind }) => kind === 'REFETCH')),
    );
  const after = await eventually('a job', () => submitJob(client, { ...input, name: 'resumed 2' }));
  for (const list of [live, again])
    await eventually('what came after', () => changesOf(list).some(({ jobId }) => jobId === after));
  live.leave();
  again.leave();
}, 60_000);
