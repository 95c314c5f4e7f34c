// A batch of a thousand small jobs, through the gateway only: watched as one thing to its end.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft } from './testing/weft.js';
import { publishService } from './testing/work.js';

let client: GraphClient;
beforeAll(async () => {
  // The jobs run nothing: what is tested is the way there and back.
  const weft = await startWeft({
    env: { WEFT_BENCH: '1', WORKER_TARGETS: 'local-process,local-noop', WORKER_CONCURRENCY: '64' },
  });
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

const JOBS = 1_000;

interface Changed {
  readonly batchChanged: {
    readonly seq: number;
    readonly batch: {
      readonly state: string;
      readonly progress: number;
      readonly counts: { readonly total: number; readonly succeeded: number };
      readonly owner: { readonly name: string } | null;
    };
  };
}

it('a thousand jobs are accepted together and end together', async () => {
  const serviceVersionId = await publishService(client, 'noop.mjs', 'export const run = () => null;');
  const { batch } = await client.mutate<{ batch: { id: string } }>(
    `mutation($input: SubmitBatchInput!) { submitBatch(input: $input) { batch { id } userErrors { code message } } }`,
    {
      serviceVersionId,
      targetId: 'local-noop',
      jobs: Array.from({ length: JOBS }, (_, n) => ({ params: { n } })),
    },
  );
  const live = client.follow<Changed>(
    `subscription($id: ID!) { batchChanged(id: $id) { seq batch { state progress counts { total succeeded } owner { name } } } }`,
    { id: batch.id },
  );
  await live.ended;
  expect(live.payloads.at(-1)?.batchChanged.batch).toMatchObject({
    state: 'SUCCEEDED',
    progress: 1,
    counts: { total: JOBS, succeeded: JOBS },
    owner: { name: expect.any(String) as string },
  });
  const seqs = live.payloads.map(({ batchChanged }) => batchChanged.seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
}, 120_000);
