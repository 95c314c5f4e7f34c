import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchResult } from '../measure/figures.js';
import { cpuMs, processTree } from '../measure/processes.js';
import { asker, openSocket, type Asker } from '../platform/client.js';
import { newDataFolder, startWeft } from '../platform/weft.js';
import { laboratory, type Laboratory } from './laboratory.js';

const ROWS = 10_000;

const REGISTER = `mutation ($input: RegisterModelRunsInput!) {
  registerModelRuns(input: $input) { modelRunBatch { id } userErrors { code message path } }
}`;
const WATCH = `subscription ($id: ID!) { batchChanged(id: $id) { seq batch { progress } } }`;
const BATCH = `query ($id: ID!) { modelRunBatch(id: $id) { counts { state count } } }`;

/**
 * Runs of a model by CSV, through the gateway: from the request to the last of its jobs having ended. Each run uses a dataset
 * and makes another one, which people registered before; all of it is in the graph at the end.
 */
export async function benchModelRuns(): Promise<BenchResult> {
  using data = newDataFolder();
  const weft = await startWeft({ data });
  try {
    const client = asker(weft.url, weft.token);
    const filled = performance.now();
    const lab = await laboratory(client, ROWS);
    await allLodged(client);
    const cpuBefore = cpuOf(weft.run.supervisor.pid);
    const began = performance.now();
    const id = await ask(client, lab);
    const accepted = performance.now();
    await known(client, id);
    const socket = await openSocket(weft.url, weft.token);
    await new Promise<void>((resolve) =>
      socket.subscribe(WATCH, { id }, { next: () => undefined, complete: resolve }),
    );
    const ended = performance.now();
    socket.close();
    const cpu = cpuBetween(cpuBefore, cpuOf(weft.run.supervisor.pid));
    const { modelRunBatch } = await client.query<{
      modelRunBatch: { counts: { state: string; count: number }[] };
    }>(BATCH, { id });
    const registered = modelRunBatch.counts.find(({ state }) => state === 'REGISTERED')?.count ?? 0;
    return {
      bench: 'model-runs',
      figures: [
        { name: 'accepted', value: (accepted - began) / 1_000, unit: 's' },
        { name: 'registered and lodged', value: (ended - began) / 1_000, unit: 's', bound: { atMost: 60 } },
        { name: 'CPU a row, of all processes', value: cpu.total / ROWS, unit: 'ms' },
        { name: 'rows that were registered', value: registered, unit: 'rows', bound: { atLeast: ROWS } },
      ],
      notes: [
        `CPU a row: ${cpu.shares.map(([name, ms]) => `${name} ${(ms / ROWS).toFixed(2)} ms`).join(', ')}; two cores have 12 ms for each of 10 000 rows in a minute`,
        `${ROWS} rows of a CSV, one dataset used and one made each, by a Weft as it is started; its ${ROWS + 1} datasets were registered before, in ${Math.round((began - filled) / 1_000)} s`,
      ],
    };
  } finally {
    await weft.stop();
  }
}

type Cpu = ReadonlyMap<number, { readonly name: string; readonly ms: number }>;

/** Of every process of Weft, by pid. */
const cpuOf = (supervisor: number): Cpu =>
  new Map(
    processTree(supervisor).flatMap(({ pid, command }) => {
      try {
        const name = nameOf(command);
        return [[pid, { name, ms: cpuMs(pid) }] as const];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    }),
  );

const nameOf = (command: string): string =>
  /postgres: (\S+)/.exec(command)?.[0] ??
  /([\w-]+)\/dist\//.exec(command)?.[1] ??
  /[\w-]+(?= |$)/.exec(command)?.[0] ??
  '';

function cpuBetween(before: Cpu, after: Cpu): { total: number; shares: [string, number][] } {
  const spent = new Map<string, number>();
  for (const [pid, { name, ms }] of after)
    spent.set(name, (spent.get(name) ?? 0) + ms - (before.get(pid)?.ms ?? 0));
  const shares = [...spent].filter(([, ms]) => ms > 0).toSorted(([, one], [, other]) => other - one);
  return { total: shares.reduce((sum, [, ms]) => sum + ms, 0), shares };
}

async function ask(client: Asker, { templateId, csv }: Laboratory): Promise<string> {
  const { registerModelRuns } = await client.query<{
    registerModelRuns: { modelRunBatch: { id: string } | null };
  }>(REGISTER, { input: { workflowTemplateId: templateId, csv } });
  if (registerModelRuns.modelRunBatch === null) throw new Error(JSON.stringify(registerModelRuns));
  return registerModelRuns.modelRunBatch.id;
}

/** The jobs service has heard of the batch. */
async function known(client: Asker, id: string): Promise<void> {
  for (;;) {
    const { batch } = await client.query<{ batch: object | null }>(
      'query ($id: ID!) { batch(id: $id) { id } }',
      {
        id,
      },
    );
    if (batch !== null) return;
    await sleep(20);
  }
}

/** No registration of the datasets is under way any more. */
async function allLodged(client: Asker): Promise<void> {
  for (;;) {
    const { jobs } = await client.query<{ jobs: { edges: unknown[] } }>(
      `{ jobs(first: 1, filter: { kinds: [REGISTRATION], phases: [WAITING, ACTIVE] }) { edges { node { id } } } }`,
    );
    if (jobs.edges.length === 0) return;
    await sleep(500);
  }
}
