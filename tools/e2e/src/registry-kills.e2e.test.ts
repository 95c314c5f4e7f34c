// SIGKILL of the registry at every named point while items are created and versioned: each workflow ends well, with exactly
// one activity and one set of statements.
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armedBy, killAt } from './testing/armed-points.js';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { databaseOf } from './testing/sound-history.js';
import { newDataFolder, startWeft, type RunFile, type Weft } from './testing/weft.js';

const SETTINGS = {
  JOBS_LEASE: '4s',
  JOBS_START_LEASE: '4s',
  JOBS_SWEEP: '200ms',
  JOBS_BACKOFF: '100ms',
  WEFT_RESTART_PAUSE_MAX: '200ms',
};

/** The relay's are between the commit of an item and the news of it, the worker's around each of the two jobs. */
const POINTS = [
  'relay-before-publish',
  'relay-after-publish',
  'after-claim',
  'before-report',
  'before-report#2',
] as const;
const armed = (point: string): string => `registry-${point.replace(/^([\w-]+)(#\d+)?$/, '$1=kill$2')}`;

const METADATA = {
  name: 'Reef',
  description: 'Grows reefs.',
  documentationUrl: 'https://example.org/docs',
  sourceUrl: 'https://example.org/source',
};

interface ShownItem {
  readonly id: string;
  readonly workflow: {
    readonly state: string;
    readonly activity: { readonly id: string } | null;
    readonly steps: readonly { readonly job: { readonly state: string } | null }[];
  };
}

let weft: Weft;
let client: GraphClient;
let round = 0;

beforeAll(async () => {
  const data = newDataFolder();
  weft = await startWeft({ data, env: { ...SETTINGS, WEFT_SYNC_POINTS: armedBy(data) } });
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

/** Asks until it is answered, under one key: what a client does whose server dies. */
const createItem = (name: string): Promise<string> =>
  eventually(
    'an item',
    async () => {
      const { item } = await client.mutate<{ item: { id: string } }>(
        `mutation ($input: CreateItemInput!) { createItem(input: $input) { item { id } userErrors { code message path } } }`,
        { subtype: 'MODEL', metadata: { ...METADATA, name }, idempotencyKey: name },
      );
      return item.id;
    },
    20_000,
  );

const ended = (id: string): Promise<ShownItem> =>
  eventually(
    'the workflow ends well',
    async () => {
      const { item } = await client.query<{ item: ShownItem | null }>(
        `query ($id: ID!) { item(id: $id) { id workflow { state activity { id } steps { job { state } } } } }`,
        { id },
      );
      return item?.workflow.state === 'SUCCEEDED' && item;
    },
    40_000,
  );

async function ofRegistry<T extends object>(text: string, values: readonly unknown[]): Promise<T[]> {
  const database = await databaseOf(weft, 'registry');
  try {
    return (await database.query<T>(text, [...values])).rows;
  } finally {
    await database.end();
  }
}

/** What provenance says of the item, as often as it says it. */
const statementsOf = (id: string): Promise<{ relation: string; times: number; records: number }[]> =>
  ofRegistry(
    `select e.relation, count(distinct e.dst)::int as times, count(*)::int as records
     from node n join edge e on e.src = n.id
     join record_edge r on (r.src, r.dst, r.relation, r.role) = (e.src, e.dst, e.relation, e.role)
     where n.public_id = $1 group by e.relation order by e.relation`,
    [id],
  );

const registryPid = (run: RunFile): number | null => run.subgraphs.registry.pid;

describe('SIGKILL of the registry', () => {
  it.each(POINTS)('at %s: every activity is written down once', async (point) => {
    round += 1;
    const ids: string[] = [];
    await killAt(weft, armed(point), registryPid, async () => {
      for (let n = 0; n < 3; n += 1) ids.push(await createItem(`round ${round} item ${n}`));
    });
    await eventually('a ready Weft', async () => (await fetch(`${weft.url}/readyz`)).status === 200, 20_000);
    const items = await Promise.all(ids.map(ended));
    expect(new Set(items.map(({ workflow }) => workflow.activity?.id)).size).toBe(3);
    for (const { id, workflow } of items) {
      expect(workflow.steps.map(({ job }) => job?.state)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect(await statementsOf(id)).toEqual([
        { relation: 'WAS_ATTRIBUTED_TO', times: 1, records: 1 },
        { relation: 'WAS_GENERATED_BY', times: 1, records: 1 },
      ]);
    }
    const activities = await ofRegistry<{ n: number }>(
      `select count(*)::int as n from node where subtype = 'CREATE'`,
      [],
    );
    expect(activities).toEqual([{ n: 3 * round }]);
  });

  it('a version made while the registry dies is one version, with one activity', async () => {
    const id = await createItem('versioned');
    await ended(id);
    let version: string | undefined;
    await killAt(weft, armed('before-report#2'), registryPid, async () => {
      const made = await client.mutate<{ item: { id: string } }>(
        `mutation ($input: CreateItemVersionInput!) { createItemVersion(input: $input) { item { id } userErrors { code message path } } }`,
        { id, reason: 'more physics' },
      );
      version = made.item.id;
    });
    await eventually('a ready Weft', async () => (await fetch(`${weft.url}/readyz`)).status === 200, 20_000);
    await ended(version as string);
    expect(await statementsOf(version as string)).toEqual([
      { relation: 'WAS_ATTRIBUTED_TO', times: 1, records: 1 },
      { relation: 'WAS_GENERATED_BY', times: 1, records: 1 },
      { relation: 'WAS_REVISION_OF', times: 1, records: 1 },
    ]);
  });
}, 90_000);
