import { isDeepStrictEqual } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChild, stayOffMeasuredCore, type Child } from '../measure/children.js';
import type { BenchResult, Figure } from '../measure/figures.js';
import { freePort } from '../measure/free-port.js';
import { cpuMs } from '../measure/processes.js';
import { median } from '../measure/statistics.js';
import { runLoad } from './load.js';
import { QUERY, startSubgraphs } from './subgraphs.js';

const ROUNDS = 7;
const RUN_MS = 2_000;
const WARM_UP_MS = 4_000;
const CONNECTIONS = 32;
const COMPARED = 200;

const GATEWAY = resolve(import.meta.dirname, '../../../../gateway/dist/main.js');
const STOCK = resolve(import.meta.dirname, 'stock-main.js');

type Name = 'weft' | 'stock';
type Variables = 'identical' | 'varied';

interface Peer {
  readonly port: number;
  readonly child: Child;
}

interface Run {
  readonly perSecond: number;
  readonly cpuPerRequest: number;
}

const bodyOf = (id: string): string => JSON.stringify({ query: QUERY, variables: { id } });
const BODIES: Readonly<Record<Variables, (n: number) => string>> = {
  identical: () => bodyOf('one'),
  varied: (n) => bodyOf(`s${n}`),
};

/** Weft's gateway against Apollo's own in front of the same two subgraphs, in turns. */
export async function benchGateway(): Promise<BenchResult> {
  const pinned = await stayOffMeasuredCore();
  await using subgraphs = await startSubgraphs();
  const folder = mkdtempSync(join(tmpdir(), 'weft-bench-'));
  const file = join(folder, 'supergraph.graphql');
  writeFileSync(file, subgraphs.supergraphSdl);
  try {
    const [weftPort, stockPort] = [await freePort(), await freePort()];
    await using weft = await startChild({
      file: GATEWAY,
      env: { SUPERGRAPH_FILE: file, PORT: String(weftPort), GATEWAY_AUTH: 'off', LOG_LEVEL: 'error' },
      pinned,
      ready: () => answers(weftPort),
    });
    await using stock = await startChild({
      file: STOCK,
      args: [file, String(stockPort)],
      pinned,
      ready: () => answers(stockPort),
    });
    const peers = { weft: { port: weftPort, child: weft }, stock: { port: stockPort, child: stock } };
    const equal = await countEqual(peers);
    const runs = await takeTurns(peers);
    return {
      bench: 'gateway',
      figures: [
        { name: 'equal responses', value: equal, unit: `of ${COMPARED}`, bound: { atLeast: COMPARED } },
        ...figuresOf('identical', runs),
        ...figuresOf('varied', runs),
      ],
      notes: [
        `medians of ${ROUNDS} interleaved rounds of ${RUN_MS / 1_000} s, ${CONNECTIONS} connections, ${pinned ? 'each gateway pinned to core 1, load and subgraphs on core 0' : 'not pinned: taskset or a second core is missing'}`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function takeTurns(peers: Record<Name, Peer>) {
  const runs = {
    identical: { weft: [] as Run[], stock: [] as Run[] },
    varied: { weft: [] as Run[], stock: [] as Run[] },
  };
  for (const peer of Object.values(peers)) await measure(peer, 'varied', WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const variables of ['identical', 'varied'] as const) {
      const order = round % 2 === 0 ? (['weft', 'stock'] as const) : (['stock', 'weft'] as const);
      for (const name of order) runs[variables][name].push(await measure(peers[name], variables, RUN_MS));
    }
  }
  return runs;
}

async function measure({ port, child }: Peer, variables: Variables, durationMs: number): Promise<Run> {
  const [cpuBefore, startedAt] = [cpuMs(child.pid), performance.now()];
  const requests = await runLoad({ port, connections: CONNECTIONS, durationMs, body: BODIES[variables] });
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: requests / seconds, cpuPerRequest: (cpuMs(child.pid) - cpuBefore) / requests };
}

function figuresOf(variables: Variables, all: Awaited<ReturnType<typeof takeTurns>>): Figure[] {
  const { weft, stock } = all[variables];
  const ratio = (of: (mine: Run, theirs: Run) => number): number =>
    median(weft.map((run, index) => of(run, stock[index] as Run)));
  const name = (what: string): string => `${what}, ${variables} variables`;
  return [
    {
      name: name('requests per second, stock'),
      value: median(stock.map((run) => run.perSecond)),
      unit: '/s',
    },
    { name: name('requests per second, Weft'), value: median(weft.map((run) => run.perSecond)), unit: '/s' },
    {
      name: name('throughput ratio'),
      value: ratio((a, b) => a.perSecond / b.perSecond),
      unit: '×',
      bound: { atLeast: 2 },
    },
    {
      name: name('CPU per request, stock'),
      value: median(stock.map((run) => run.cpuPerRequest)),
      unit: 'ms',
    },
    { name: name('CPU per request, Weft'), value: median(weft.map((run) => run.cpuPerRequest)), unit: 'ms' },
    {
      name: name('CPU ratio'),
      value: ratio((a, b) => b.cpuPerRequest / a.cpuPerRequest),
      unit: '×',
      bound: { atLeast: 2 },
    },
  ];
}

const ask = async (port: number, id: string): Promise<unknown> => {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(id),
  });
  return response.json();
};

const answers = async (port: number): Promise<boolean> =>
  ((await ask(port, 'ready')) as { data?: unknown }).data !== undefined;

async function countEqual({ weft, stock }: Record<Name, Peer>): Promise<number> {
  let equal = 0;
  for (let n = 0; n < COMPARED; n += 1) {
    const [mine, theirs] = await Promise.all([ask(weft.port, `e${n}`), ask(stock.port, `e${n}`)]);
    const whole = (theirs as { data?: { shelf?: unknown } }).data?.shelf !== undefined;
    if (whole && isDeepStrictEqual(mine, theirs)) equal += 1;
  }
  return equal;
}
