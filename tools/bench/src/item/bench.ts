import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../measure/bench-options.js';
import type { BenchResult } from '../measure/figures.js';
import { percentile } from '../measure/statistics.js';
import { asker, now, openSocket, type Asker, type LiveSocket } from '../platform/client.js';
import { newDataFolder, startWeft } from '../platform/weft.js';

const ITEMS = 150;
const WARM_UP = 40;
const PAUSE_MS = 60;

const CREATE = `mutation ($input: CreateItemInput!) { createItem(input: $input) {
  item { id workflow { steps { key job { id } } } } userErrors { code message } } }`;
const WATCH_JOB = `subscription ($id: ID!) { jobChanged(id: $id) { seq job { state } } }`;
const WATCH_ITEM = `subscription ($id: ID!) { itemChanged(id: $id) { seq item { workflow { state } } } }`;

/** One item on a system that does nothing else: from the request to the end of the second of its two jobs, through the gateway. */
export async function benchItem({ rounds = ITEMS }: BenchOptions): Promise<BenchResult> {
  using data = newDataFolder();
  const weft = await startWeft({ data });
  try {
    const client = asker(weft.url, weft.token);
    const socket = await openSocket(weft.url, weft.token);
    const measured: Measured[] = [];
    for (let n = -WARM_UP; n < rounds; n += 1) {
      const one = await oneItem(client, socket, n);
      if (n >= 0) measured.push(one);
      await sleep(PAUSE_MS);
    }
    socket.close();
    const figure = (name: string, of: keyof Measured, at: number) => ({
      name,
      value: percentile(
        measured.map((one) => one[of]),
        at,
      ),
      unit: 'ms',
    });
    return {
      bench: 'item',
      figures: [
        { ...figure('request → both jobs SUCCEEDED, p50', 'jobs', 0.5), bound: { atMost: 150 } },
        figure('request → both jobs SUCCEEDED, p99', 'jobs', 0.99),
        figure('request → the item says so, p50', 'item', 0.5),
        figure('of that until it is answered, p50', 'answered', 0.5),
      ],
      notes: [`${rounds} models, one after the other, ${PAUSE_MS} ms between them, over HTTP and one socket`],
    };
  } finally {
    await weft.stop();
  }
}

interface Measured {
  readonly answered: number;
  readonly jobs: number;
  readonly item: number;
}

interface Created {
  readonly createItem: {
    readonly item: { readonly id: string; readonly workflow: { readonly steps: readonly Step[] } } | null;
  };
}

interface Step {
  readonly key: string;
  readonly job: { readonly id: string };
}

async function oneItem(client: Asker, socket: LiveSocket, n: number): Promise<Measured> {
  const began = now();
  const { createItem } = await client.query<Created>(CREATE, {
    input: {
      subtype: 'MODEL',
      metadata: {
        name: `Model ${n}`,
        description: 'Measured.',
        documentationUrl: 'https://example.org/docs',
        sourceUrl: 'https://example.org/source',
      },
    },
  });
  const answered = now() - began;
  if (createItem.item === null) throw new Error(JSON.stringify(createItem));
  const { id, workflow } = createItem.item;
  const lodge = workflow.steps.find(({ key }) => key === 'lodge')?.job.id;
  const itemSays = new Promise<number>((resolve) => {
    const next = (told: { itemChanged: { item: { workflow: { state: string } } } }, at: number): void => {
      if (told.itemChanged.item.workflow.state === 'SUCCEEDED') resolve(at - began);
    };
    socket.subscribe(WATCH_ITEM, { id }, { next, complete: () => undefined });
  });
  const jobsSay = new Promise<number>((resolve, reject) => {
    const next = ({ jobChanged: { job } }: { jobChanged: { job: { state: string } } }, at: number): void => {
      if (job.state === 'SUCCEEDED') resolve(at - began);
      if (job.state === 'FAILED') reject(new Error('the job failed'));
    };
    socket.subscribe(WATCH_JOB, { id: lodge }, { next, complete: () => undefined });
  });
  const [jobs, item] = await Promise.all([jobsSay, itemSays]);
  return { answered, jobs, item };
}
