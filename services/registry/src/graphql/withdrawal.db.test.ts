// A withdrawal is an activity that invalidates the entity; who did it is told of it, and is no contributor to what came of it.
import { readProvJson, violationsOf } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';

let exchange: ExchangeSteps;
let steps: ItemSteps;
beforeAll(async () => {
  const database = await testDatabase(registryDatabase);
  exchange = await exchangeSteps(database);
  steps = await itemSteps(database);
});
afterAll(() => exchange.close());

const OWNER = aMember('olga', 'OWNER');

test('is in the lineage and in exports, at its time, with who did it', async () => {
  const model = await steps.aModel({ name: 'Tides' });
  for (let again = 0; again < 2; again++)
    await steps.done('withdrawItem', { id: model.id, reason: 'It was wrong.' }, OWNER);
  const { item } = await steps.ask.data<{
    item: {
      lineage: {
        edges: { node: { name: string; startedAt: string; endedAt: string; agents: { edges: unknown[] } } }[];
        links: unknown[];
      };
      contributingAgents: { edges: unknown[] };
    };
  }>(
    `query ($id: ID!) { item(id: $id) { contributingAgents { edges { node { name } } }
      lineage(direction: UPSTREAM) { links { relation } edges { node { name ... on Activity { startedAt endedAt agents { edges { role node { user { id } } } } } } } } } }`,
    { id: model.id },
    ADA,
  );
  const [withdrawal] = item.lineage.edges;
  expect(item.lineage.edges).toHaveLength(1);
  expect(withdrawal?.node).toMatchObject({
    name: 'Withdrawal of Tides',
    agents: { edges: [{ role: 'withdrawer', node: { user: { id: OWNER.id } } }] },
  });
  expect(withdrawal?.node.startedAt).toBe(withdrawal?.node.endedAt);
  expect(item.lineage.links).toEqual([{ relation: 'WAS_INVALIDATED_BY' }]);
  expect(item.contributingAgents.edges).toEqual([]);

  const document = readProvJson(await exchange.exported(model.id));
  expect(violationsOf(document)).toEqual([]);
  expect(document.statements.map(({ kind }) => kind).sort()).toEqual([
    ...['activity', 'agent', 'entity', 'wasAssociatedWith', 'wasInvalidatedBy'],
  ]);
});

test('of what is no entity nothing is said', async () => {
  const person = await steps.done('createItem', {
    subtype: 'ORGANISATION',
    metadata: { name: 'Reef institute' },
  });
  await steps.done('withdrawItem', { id: person.id, reason: 'Closed.' });
  const { item } = await steps.ask.data<{ item: { upstream: { edges: unknown[] } } }>(
    `query ($id: ID!) { item(id: $id) { upstream { edges { node { name } } } } }`,
    { id: person.id },
    ADA,
  );
  expect(item.upstream.edges).toEqual([]);
});
