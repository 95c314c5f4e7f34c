// What lineage costs in the service on a million nodes and two million edges, beside the same answer in plain SQL.
import { createHash, randomUUID } from 'node:crypto';
import type { Actor } from '@weft/identity';
import { createRegistryService, registryConfig } from '@weft/registry';
import { createLogger } from '@weft/telemetry';
import pg from 'pg';
import type { BenchOptions } from '../measure/bench-options.js';
import type { BenchResult, Figure } from '../measure/figures.js';
import { median, percentile } from '../measure/statistics.js';
import { startLoneService, type LoneService } from '../platform/lone-service.js';
import { fill, keyOf, LAYERS, organizationOf, PROJECTS, publicIdOf } from './fill.js';
import { createFunctions, shapes } from './plain-sql.js';

const ROUNDS = 10;
const STARTS = 10;
/** The recursive query takes ten times as long as the others: a few rounds tell. */
const SLOW_ROUNDS = 1;
const PAGE = 100;
/** What is called a reach of 8 000 nodes. */
const REACH = { atLeast: 7_000, atMost: 8_500 } as const;
const SHORT = 6;
const SHORT_MS = 5;
const LONG_MS = 40;
const TO_PLAIN_SQL = 1.3;

const LINEAGE = `query ($input: LineageInput!) { lineage(input: $input) {
  edges { cursor hop node { id name createdAt ... on Item { subtype } } } pageInfo { hasNextPage endCursor }
  counts { total } } }`;
const WITH_LINKS = `query ($input: LineageInput!) { lineage(input: $input) {
  edges { hop node { id name } } counts { total hiddenParts bySubtype { subtype count } } links { from to relation } stubs { name } } }`;

interface Answer {
  readonly lineage: {
    readonly edges: readonly { readonly hop: number; readonly node: { readonly id: string } }[];
    readonly counts: { readonly total: number };
  };
}

interface Look {
  readonly name: string;
  readonly atMost?: number;
  readonly plain?: string;
  /** How long it took, in milliseconds. */
  readonly look: (start: number) => Promise<number>;
  readonly times: number[];
}

type Direction = 'UPSTREAM' | 'DOWNSTREAM';

export async function benchLineage({ rounds = ROUNDS }: BenchOptions): Promise<BenchResult> {
  await using registry = await startLoneService('registry', (settings) =>
    createRegistryService(registryConfig.read({ ...settings }), {
      logger: createLogger('registry', 'silent'),
    }),
  );
  const startedAt = performance.now();
  await fill(registry.client);
  await createFunctions(registry.client);
  const filledIn = (performance.now() - startedAt) / 1_000;
  const organizationId = organizationOf(0);
  const actor: Actor = {
    kind: 'user',
    id: randomUUID(),
    organizations: [{ id: organizationId, role: 'OWNER' }],
    teams: [],
    personalOrganizationId: organizationId,
    scopes: ['read'],
    roles: [],
    tokenId: undefined,
  };
  const plain = new pg.Client({
    connectionString: registry.databaseUrl,
    options: '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan',
  });
  await plain.connect();
  try {
    const bench = { registry, actor, plain };
    const figures: Figure[] = [];
    for (const direction of ['UPSTREAM', 'DOWNSTREAM'] as const)
      figures.push(...(await measured(bench, direction, rounds)));
    return {
      bench: 'lineage',
      figures,
      notes: [
        `1 million nodes, 2 million edges, filled in ${filledIn.toFixed(0)} s; ${STARTS} starts, ${rounds} interleaved rounds over HTTP, asked from a thread of its own`,
        'every other project is of another organization, every twentieth node is hidden; all give the first 100 nodes by hop and how many there are',
        'plain SQL: prepared, one connection, without HTTP, GraphQL and tokens',
      ],
    };
  } finally {
    await plain.end();
  }
}

interface Bench {
  readonly registry: LoneService;
  readonly actor: Actor;
  readonly plain: pg.Client;
}

async function measured(bench: Bench, direction: Direction, rounds: number): Promise<Figure[]> {
  const starts = await startsOf(bench, direction);
  const { registry, actor } = bench;
  const looks: Look[] = [
    {
      name: 'a request',
      look: async () => (await registry.timed(actor, '{ __typename }')).ms,
      times: [],
    },
    {
      name: `depth ${SHORT}`,
      atMost: SHORT_MS,
      look: async (start) => (await ours(bench, direction, start, SHORT)).ms,
      times: [],
    },
    {
      name: 'all',
      atMost: LONG_MS,
      plain: 'all',
      look: async (start) => (await ours(bench, direction, start, null)).ms,
      times: [],
    },
    {
      name: 'all, with links and counts',
      look: async (start) => {
        const input = { start: publicIdOf(start), direction, first: PAGE };
        return (await registry.timed(actor, WITH_LINKS, { input })).ms;
      },
      times: [],
    },
    ...shapes(direction).map(({ name, text }) => ({
      name: `all, plain SQL, ${name}`,
      look: async (start: number) => {
        const from = performance.now();
        await rowsOf(bench, text, start, null);
        return performance.now() - from;
      },
      times: [],
    })),
  ];
  for (let round = 0; round < rounds; round++)
    for (const start of starts)
      for (const { name, look, times } of looks) {
        if (round >= SLOW_ROUNDS && name.includes('recursive')) continue;
        times.push(await look(start));
      }
  const best = Math.min(
    ...looks.filter(({ name }) => name.includes('plain SQL')).map(({ times }) => median(times)),
  );
  return looks.flatMap(({ name, times, atMost, plain }): Figure[] => {
    const called = `${direction.toLowerCase()}, ${name}`;
    return [
      {
        name: `${called}, p50`,
        value: median(times),
        unit: 'ms',
        ...(atMost === undefined ? {} : { bound: { atMost } }),
      },
      { name: `${called}, p90`, value: percentile(times, 0.9), unit: 'ms' },
      ...(plain === undefined
        ? []
        : [
            {
              name: `${called}, to the best plain SQL`,
              value: median(times) / best,
              unit: '×',
              bound: { atMost: TO_PLAIN_SQL },
            },
          ]),
    ];
  });
}

const ours = ({ registry, actor }: Bench, direction: Direction, start: number, depth: number | null) =>
  registry.timed<Answer>(actor, LINEAGE, {
    input: { start: publicIdOf(start), direction, depth, first: PAGE },
  });

async function rowsOf({ plain, actor }: Bench, text: string, start: number, depth: number | null) {
  const values = [start, [actor.organizations[0]?.id], depth, PAGE];
  return (
    await plain.query<{ public_id: string; hop: number; total: string }>({
      name: createHash('md5').update(text).digest('hex'),
      text,
      values,
    })
  ).rows;
}

/** Nodes of projects of the organization from which about 8 000 are reached, and for which everybody gives the same answer. */
async function startsOf(bench: Bench, direction: Direction): Promise<number[]> {
  const starts: number[] = [];
  for (let number = 1; starts.length < STARTS; number++) {
    const start = keyOf(
      direction === 'UPSTREAM' ? LAYERS - 1 : 0,
      (2 * number) % PROJECTS,
      (7 * number) % 250,
    );
    const { rows } = await bench.registry.client.query<{ is: boolean }>(
      'select readers @> array[organization_id] as is from node where id = $1',
      [start],
    );
    if (rows[0]?.is !== true) continue;
    const { edges, counts } = (await ours(bench, direction, start, null)).data.lineage;
    if (counts.total > REACH.atMost || counts.total < (direction === 'UPSTREAM' ? 5_000 : REACH.atLeast))
      continue;
    const told = edges.map(({ hop, node }) => `${hop} ${node.id}`);
    for (const { name, text } of shapes(direction)) {
      const found = await rowsOf(bench, text, start, null);
      const same =
        Number(found[0]?.total) === counts.total &&
        found.every(({ hop, public_id: id }, at) => told[at] === `${hop} ${id}`);
      if (!same) throw new Error(`${name} has another answer from ${start}`);
    }
    starts.push(start);
  }
  return starts;
}
