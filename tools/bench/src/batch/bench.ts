import type { BenchResult } from '../measure/figures.js';
import { median } from '../measure/statistics.js';
import { asker, openSocket, type Asker, type LiveSocket } from '../platform/client.js';
import { NOOP_ENV, prepareNoopJobs } from '../platform/noop-jobs.js';
import { newDataFolder, startWeft } from '../platform/weft.js';

const JOBS = 10_000;
const ROUNDS = 3;

const SUBMIT = `mutation ($input: SubmitBatchInput!) { submitBatch(input: $input) { batch { id } userErrors { code message } } }`;
const CANCEL = `mutation ($input: CancelBatchInput!) { cancelBatch(input: $input) { jobs userErrors { code message } } }`;
const WATCH = `subscription ($id: ID!) { batchChanged(id: $id) { seq batch { progress } } }`;

/** 10 000 no-op jobs in one request through the gateway: until they are accepted; then cancelled, until all have ended. */
export async function benchBatch(): Promise<BenchResult> {
  const rounds: Round[] = [];
  // A Weft for each: the news of 20 000 transitions would still be carried while the next batch is accepted.
  for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round());
  return {
    bench: 'batch',
    figures: [
      { name: 'accepted', value: median(rounds.map((one) => one.accepted)), unit: 's', bound: { atMost: 3 } },
      { name: 'cancelled', value: median(rounds.map((one) => one.cancelled)), unit: 's' },
    ],
    notes: [
      `medians of ${ROUNDS} batches of ${JOBS} jobs with params of their own, each the first of a Weft, the worker claiming at once`,
    ],
  };
}

/** In seconds. */
interface Round {
  readonly accepted: number;
  readonly cancelled: number;
}

async function round(): Promise<Round> {
  using data = newDataFolder();
  const weft = await startWeft({ data, env: NOOP_ENV });
  try {
    const client = asker(weft.url, weft.token);
    const { serviceVersionId, targetId } = await prepareNoopJobs(client);
    const socket = await openSocket(weft.url, weft.token);
    const began = performance.now();
    const id = await submit(client, { serviceVersionId, targetId });
    const asked = performance.now();
    await client.query(CANCEL, { input: { id } });
    await end(socket, id);
    const ended = performance.now();
    socket.close();
    return { accepted: (asked - began) / 1_000, cancelled: (ended - asked) / 1_000 };
  } finally {
    await weft.stop();
  }
}

async function submit(client: Asker, shared: Readonly<Record<string, string>>): Promise<string> {
  const jobs = Array.from({ length: JOBS }, (_, n) => ({ params: { n } }));
  const { submitBatch } = await client.query<{ submitBatch: { batch: { id: string } | null } }>(SUBMIT, {
    input: { ...shared, jobs },
  });
  if (submitBatch.batch === null) throw new Error(JSON.stringify(submitBatch));
  return submitBatch.batch.id;
}

const end = (socket: LiveSocket, id: string): Promise<void> =>
  new Promise((resolve) => socket.subscribe(WATCH, { id }, { next: () => undefined, complete: resolve }));
