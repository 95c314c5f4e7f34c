// Who is told to have had a part in something: those who had it, and nobody for whom these ever worked besides.
import type { Database } from '@weft/database';
import { readProvJson } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { EVERYONE } from '../domain/principal.js';
import { member } from '../testing/ask.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ACME, anOutcome, aSucceededJob, id, RIVAL } from '../testing/finished-jobs.js';

let database: Database;
let steps: ExchangeSteps;
let resultOf: (job: string) => Promise<string>;

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  const { recordFinishedJobs } = createRegistryParts(database);
  // The same worker runs a job of Ada and one of Bob.
  for (const [name, user] of [
    ['make', 'user ada'],
    ['other', 'user bob'],
  ] as const) {
    const job = aSucceededJob(name, {
      createdBy: id(user),
      outcomes: [anOutcome(0, { resultArtifactId: id(`file of ${name}`) })],
    });
    await recordFinishedJobs('test', [{ messageId: name, job }]);
  }
  resultOf = async (job) => {
    const [row] = await database.query<{ id: string }>(
      `select public_id as id from node where subtype = 'RESULT' and facts ->> 'jobId' = $1`,
      [id(job)],
    );
    return row?.id ?? '';
  };
});
afterAll(() => steps.close());

const agents = async (nodeId: string, field: string): Promise<string[]> => {
  const { node } = await steps.ask.data<{ node: Record<string, { edges: { node: { name: string } }[] }> }>(
    `query ($id: ID!) { node: item(id: $id) { ${field} { edges { node { name } } } } }`,
    { id: nodeId },
  );
  return (node[field]?.edges ?? []).map((edge) => edge.node.name).sort();
};

const OF_ADA = [`organization ${ACME}`, 'target local', `user ${id('user ada')}`, 'worker worker-1'];

test('of a result those of its job, not whose jobs the same worker ran besides', async () => {
  const made = await resultOf('make');
  expect(await agents(made, 'contributingAgents')).toEqual(OF_ADA);
  const { lineage } = await steps.ask.data<{ lineage: { edges: { node: { name: string } }[] } }>(
    `query ($id: ID!) { lineage(input: { start: $id, direction: UPSTREAM, kinds: [AGENT] }) { edges { node { name } } } }`,
    { id: made },
  );
  expect(lineage.edges.map((edge) => edge.node.name).sort()).toEqual(OF_ADA);
});

test('an export names nobody else, and says in which activity somebody acted for whom', async () => {
  const document = readProvJson(await steps.exported(await resultOf('make')));
  const said = [document, ...document.bundles].flatMap(({ statements }) => statements);
  const text = JSON.stringify(said);
  expect(text).toContain(id('user ada'));
  expect(text).not.toContain(id('user bob'));
  const delegations = said.filter(({ kind }) => kind === 'actedOnBehalfOf');
  const activity = document.statements.find(({ kind }) => kind === 'activity')?.id;
  expect(delegations.map(({ args }) => args['activity'])).toEqual([activity, activity]);
  expect(new Set(delegations.map(({ args }) => args['delegate'])).size).toBe(2);
});

test('who an agent acts for is told of the agent', async () => {
  const query = `query ($id: ID!) { item(id: $id) { wasGeneratedBy { agents { edges { role node { actsFor { edges { node { name } } } } } } } } }`;
  const { item } = await steps.ask.data<{
    item: {
      wasGeneratedBy: { agents: { edges: { role: string; node: { actsFor: { edges: unknown[] } } }[] } };
    };
  }>(query, { id: await resultOf('make') });
  const worker = item.wasGeneratedBy.agents.edges.find(({ role }) => role === 'worker');
  expect(worker?.node.actsFor.edges).toHaveLength(2);
});

test('a result that everyone may read does not tell of which job it is', async () => {
  const made = await resultOf('make');
  await database.query('update node set readers = readers || $2::uuid where public_id = $1', [
    made,
    EVERYONE,
  ]);
  const asked = async (actor = member()) =>
    (
      await steps.ask.data<{ item: unknown }>(
        'query ($id: ID!) { item(id: $id) { job { id } } }',
        { id: made },
        actor,
      )
    ).item;
  expect(await asked()).toEqual({ job: { id: id('make') } });
  expect(await asked(member(RIVAL))).toEqual({ job: null });
  expect(await steps.exported(made)).toContain(id('make'));
  expect(await steps.exported(made, {}, member(RIVAL))).not.toContain(id('make'));
});

test('a record counts what it says of things that the reader may read', async () => {
  const [record] = await database.query<{ id: string; count: number }>(
    `with told as (
       insert into record (public_id, organization_id, kind, name, lodged_by, readers)
       values (gen_random_uuid(), $1, 'MODEL_RUN', 'all of it', $2, array[$1::uuid]) returning id, public_id
     ), said as (
       insert into record_edge (record, src, dst, relation, role)
       select told.id, e.src, e.dst, e.relation, e.role from told, edge e join node n on n.id = e.src where n.name = 'other'
       returning 1
     )
     select public_id as id, (select count(*)::int from said) as count from told`,
    [ACME, id('user bob')],
  );
  const count = async (): Promise<number> =>
    (
      await steps.ask.data<{ record: { statementCount: number } }>(
        'query ($id: ID!) { record(id: $id) { statementCount } }',
        { id: record?.id },
      )
    ).record.statementCount;
  // Its code is of somebody who has not said yet who may see it.
  expect(await count()).toBe((record?.count ?? 0) - 1);
  await database.query(`update node set readers = '{}' where name = $1`, [`user ${id('user bob')}`]);
  expect(await count()).toBe((record?.count ?? 0) - 2);
});
