// An import is taken back: what it alone asserted is gone, what others assert stands, the record remains and tells why.
import type { Database } from '@weft/database';
import { readProvJson } from '@weft/prov';
import type { Actor } from '@weft/identity';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { publicId } from '../persistence/public-id.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ACME, anOutcome, aSucceededJob, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { heldViolations } from '../testing/held-lineage.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';
import { aLaboratory, type Laboratory } from '../testing/model-run-steps.js';
import { aDatasetOf } from '../testing/sample-metadata.js';

let database: Database;
let steps: ExchangeSteps;
let items: ItemSteps;
let lab: Laboratory;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  items = await itemSteps(database);
  lab = await aLaboratory(database);
});
afterAll(() => steps.close());

const text = (...lines: string[]): string =>
  ['document', 'prefix ex <http://example.org/>', 'prefix u <urn:uuid:>', ...lines, 'endDocument'].join('\n');
const thing = (name: string, kind = 'prov'): string => publicId(`${ACME}/${kind}/http://example.org/${name}`);

interface Withdrawn {
  readonly record: {
    readonly id: string;
    readonly withdrawn: {
      readonly at: string;
      readonly reason: string;
      readonly user: { readonly id: string };
    };
  } | null;
  readonly userErrors: readonly {
    readonly code: string;
    readonly path: string[];
    readonly message: string;
  }[];
}

const withdraw = async (recordId: string, reason = 'it was wrong', actor: Actor = ADA): Promise<Withdrawn> =>
  (
    await steps.ask.data<{ withdrawRecord: Withdrawn }>(
      `mutation ($input: WithdrawRecordInput!) { withdrawRecord(input: $input) {
        record { id withdrawn { at reason user { id } } } userErrors { code message path } } }`,
      { input: { id: recordId, reason } },
      actor,
    )
  ).withdrawRecord;

const edges = async (): Promise<string[]> =>
  (
    await database.query<{ edge: string }>(
      `select s.name || ' ' || e.relation || ' ' || d.name as edge from edge e join node s on s.id = e.src join node d on d.id = e.dst order by 1`,
    )
  ).map(({ edge }) => edge);

const itemOf = async (itemId: string) =>
  (
    await steps.ask.data<{ item: { name: string; records: { edges: { node: { name: string } }[] } } | null }>(
      'query ($id: ID!) { item(id: $id) { name records { edges { node { name } } } } }',
      { id: itemId },
    )
  ).item;

test('what only it asserts is gone, what others assert stays as they say it', async () => {
  const before = await edges();
  const shared = ['wasDerivedFrom(ex:out, ex:in)', 'used(ex:run, ex:in, 2026-01-01T00:10:00Z)'];
  const first = await steps.imported(
    text(
      'entity(ex:in, [prov:label = "First in"])',
      'entity(ex:out, [prov:label = "First out"])',
      'entity(ex:model, [prov:label = "First model"])',
      ...shared,
      'wasDerivedFrom(ex:out, ex:wrong)',
      'wasGeneratedBy(ex:model, ex:training, -)',
      'wasDerivedFrom(ex:next, ex:model)',
    ),
    { name: 'first' },
  );
  const second = await steps.imported(
    text('entity(ex:in, [prov:label = "Second in"])', 'wasDerivedFrom(ex:late, ex:model)', ...shared),
    { name: 'second' },
  );
  expect(await itemOf(thing('in'))).toMatchObject({ name: 'First in' });
  const { record, userErrors } = await withdraw(first.id);
  expect(userErrors).toEqual([]);
  expect(record).toEqual({
    id: first.id,
    withdrawn: { at: expect.any(String), reason: 'it was wrong', user: { id: id('user ada') } },
  });
  const left = (await edges()).filter((edge) => !before.includes(edge) && !edge.includes('user '));
  expect(left).toEqual([
    'first WAS_INVALIDATED_BY Withdrawal of first',
    'late WAS_DERIVED_FROM model',
    'out WAS_DERIVED_FROM Second in',
    'run USED Second in',
  ]);
  // Things as those say who are left: described by the second, or named only.
  expect(await itemOf(thing('in'))).toEqual({
    name: 'Second in',
    records: { edges: [{ node: { name: 'second' } }] },
  });
  expect(await itemOf(thing('out'))).toMatchObject({ name: 'out' });
  expect(await itemOf(thing('model'))).toMatchObject({ name: 'model' });
  for (const gone of ['wrong', 'next']) expect(await itemOf(thing(gone))).toBeNull();
  const document = readProvJson(await steps.exported(thing('out')));
  expect(document.bundles.map(({ id: bundle }) => bundle)).toEqual([`urn:uuid:${second.id}`]);
  expect(JSON.stringify(document.statements)).not.toContain('wrong');
  expect(await heldViolations(database)).toEqual([]);

  // The tombstone: listed, with its text, and neither withdrawn nor imported again.
  const { records } = await steps.ask.data<{
    records: { edges: { node: { id: string; withdrawn: object | null } }[] };
  }>('query ($org: ID!) { records(organizationId: $org) { edges { node { id withdrawn { reason } } } } }', {
    org: ACME,
  });
  expect(records.edges.map(({ node }) => node)).toEqual([
    { id: second.id, withdrawn: null },
    { id: first.id, withdrawn: { reason: 'it was wrong' } },
  ]);
  const again = await withdraw(first.id, 'another reason');
  expect(again).toEqual({ record, userErrors: [] });
  const told = await steps.ask.data<{ record: { document: string } }>(
    'query ($id: ID!) { record(id: $id) { document(notation: PROV_N) } }',
    { id: first.id },
  );
  expect(told.record.document).toContain('ex:wrong');
  const repeated = await steps.import(told.record.document, { name: 'first' });
  // Written anew it is another text; the very same is refused.
  expect(repeated.userErrors).toEqual([]);
  const refused = await steps.import(text('wasDerivedFrom(ex:a, ex:b)'), { name: 'a' });
  await withdraw(refused.record?.id ?? '');
  expect((await steps.import(text('wasDerivedFrom(ex:a, ex:b)'), { name: 'a' })).userErrors).toMatchObject([
    { code: 'CONFLICT', path: ['input', 'text'] },
  ]);
  await withdraw(repeated.record?.id ?? '');
  await withdraw(second.id);
  const rest = (await edges()).filter((edge) => !before.includes(edge) && !/user |INVALIDATED/.test(edge));
  expect(rest).toEqual([]);
  expect(await database.query(`select name from node where subtype = 'IMPORTED'`)).toEqual([]);
});

test('bundles go with their document, and not without it', async () => {
  const record = await steps.imported(
    text('wasDerivedFrom(ex:x, ex:y)', 'bundle ex:b', '  wasDerivedFrom(ex:y, ex:z)', 'endBundle'),
    { name: 'bundled' },
  );
  const bundle = record.bundles.edges[0]?.node;
  const alone = await withdraw(bundle?.id ?? '');
  expect(alone.userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'id'] }]);
  expect(alone.userErrors[0]?.message).toContain(record.id);
  expect(await edges()).toContain('y WAS_DERIVED_FROM z');
  expect((await withdraw(record.id)).userErrors).toEqual([]);
  expect((await edges()).filter((edge) => /[xyz] WAS_DERIVED/.test(edge))).toEqual([]);
  const shown = await steps.ask.data<{ record: object }>(
    'query ($id: ID!) { record(id: $id) { withdrawn { reason } } }',
    { id: bundle?.id },
  );
  expect(shown.record).toEqual({ withdrawn: { reason: 'it was wrong' } });
});

test('what the platform says itself stays though the import said it, too', async () => {
  const { recordFinishedJobs } = createRegistryParts(database);
  const job = aSucceededJob('make', {
    outcomes: [anOutcome(0, { resultArtifactId: id('made'), resultSha256: sha('made') })],
  });
  await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  await createRegistryParts(database).dataPoolNews.keepArtifact({
    ...{ artifactId: id('made'), organizationId: ACME, name: 'result.json', kind: 'RESULT' },
    ...{ mediaType: 'application/json', size: 7, sha256: sha('made') },
  });
  const organisation = await items.done('createItem', {
    subtype: 'ORGANISATION',
    metadata: { name: 'Reef' },
  });
  const dataset = await items.done('registerJobResult', {
    ...{ jobId: id('make'), itemIndex: 0, name: 'Reefs', metadata: aDatasetOf(organisation.id) },
  });
  const template = lab.template.id;
  const user = publicId(`${ACME}/user/${id('user ada')}`);
  const [member] = await database.query<{ id: string }>(
    `select d.public_id as id from edge e join node s on s.id = e.src join node d on d.id = e.dst
     where s.public_id = $1 and e.relation = 'HAD_MEMBER' limit 1`,
    [template],
  );
  const before = await edges();
  const record = await steps.imported(
    text(
      `wasAttributedTo(u:${dataset.id}, u:${user})`,
      `hadMember(u:${template}, u:${member?.id})`,
      `wasDerivedFrom(u:${dataset.id}, ex:elsewhere)`,
    ),
    { name: 'repeating' },
  );
  expect(await edges()).toContain('Reefs WAS_DERIVED_FROM elsewhere');
  const asserted = await database.query(
    'select from record_edge e join record r on r.id = e.record where r.public_id = $1',
    [record.id],
  );
  expect(asserted).toHaveLength(3);
  expect((await withdraw(record.id)).userErrors).toEqual([]);
  expect((await edges()).filter((edge) => !edge.includes('repeating'))).toEqual(before);
});

test('what it said that a job of ours made is gone, too, though the job is there', async () => {
  const before = await edges();
  const record = await steps.imported(
    text(
      `wasGeneratedBy(ex:claimed, u:${publicId(`job/${id('make')}`)}, -, [prov:role = "result"])`,
      `wasAttributedTo(ex:claimed, u:${publicId(`${ACME}/user/${id('user ada')}`)})`,
    ),
    { name: 'claiming' },
  );
  expect(await edges()).toContain('claimed WAS_GENERATED_BY make');
  expect((await withdraw(record.id)).userErrors).toEqual([]);
  expect((await edges()).filter((edge) => !edge.includes('claiming'))).toEqual(before);
  expect(await itemOf(thing('claimed'))).toBeNull();
});

test('who may import may take back, and nobody else', async () => {
  const record = await steps.imported(text('wasDerivedFrom(ex:p, ex:q)'), { name: 'ours' });
  const refusal = async (recordId: string, actor: Actor, reason = 'why') =>
    (await withdraw(recordId, reason, actor)).userErrors.map(({ code, path }) => [code, path.join('.')]);
  expect(await refusal(record.id, aMember('vic', 'VIEWER'))).toEqual([['FORBIDDEN', 'input.id']]);
  expect(await refusal(record.id, { ...ADA, scopes: ['read'] })).toEqual([['FORBIDDEN', '']]);
  expect(await refusal(record.id, aMember('bob', 'OWNER', [RIVAL]))).toEqual([['NOT_FOUND', 'input.id']]);
  expect(await refusal(record.id, ADA, ' ')).toEqual([['BAD_USER_INPUT', 'input.reason']]);
  for (const other of ['nonsense', id('nothing'), recordIdOfJob(publicId(`job/${id('make')}`))])
    expect(await refusal(other, ADA)).toEqual([['NOT_FOUND', 'input.id']]);
  expect(await edges()).toContain('p WAS_DERIVED_FROM q');
  expect(await refusal(record.id, aMember('max', 'MAINTAINER'))).toEqual([]);
});

test('several at once take turns, and come to the same', async () => {
  const statement = 'wasDerivedFrom(ex:common, ex:source)';
  const imported = await Promise.all(
    [1, 2, 3, 4].map((n) => steps.imported(text(statement, `entity(ex:n${n})`), { name: `n${n}` })),
  );
  const [kept, ...others] = imported;
  await Promise.all([
    ...others.flatMap((record) => [withdraw(record.id), withdraw(record.id)]),
    steps.imported(text(statement, 'entity(ex:n5)'), { name: 'n5' }),
  ]);
  expect(await edges()).toContain('common WAS_DERIVED_FROM source');
  const { records } = (await itemOf(thing('common'))) ?? { records: { edges: [] } };
  expect(records.edges.map(({ node }) => node.name).sort()).toEqual(['n1', 'n5']);
  await withdraw(kept?.id ?? '');
  expect(await edges()).toContain('common WAS_DERIVED_FROM source');
});

test('what imports from before told of things is not known, and so it stays', async () => {
  const told = (label: string) =>
    text(`entity(ex:old, [prov:label = "${label}"])`, `wasDerivedFrom(ex:old, ex:of-${label})`);
  const [one, other] = [
    await steps.imported(told('one'), { name: 'one' }),
    await steps.imported(told('other'), { name: 'other' }),
  ];
  await database.query('update record_node set told = null');
  await withdraw(one.id);
  expect(await itemOf(thing('old'))).toMatchObject({ name: 'one' });
  expect(await itemOf(thing('of-one'))).toBeNull();
  expect(await itemOf(thing('of-other'))).not.toBeNull();
  await withdraw(other.id);
  expect(await itemOf(thing('old'))).toBeNull();
});
