import type { Database } from '@weft/database';
import { difference, readProvJson, readProvN } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ACME, aSucceededJob, id, RIVAL } from '../testing/finished-jobs.js';
import { aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';

const same = { onlyOne: [], onlyOther: [] };

let database: Database;
let steps: ExchangeSteps;
let items: ItemSteps;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  items = await itemSteps(database);
});
afterAll(() => steps.close());

const EX = 'prefix ex <http://example.org/>';
const doc = (...lines: string[]): string => `document\n${EX}\n${lines.join('\n')}\nendDocument`;

interface Hop {
  readonly relation: string;
  readonly role: string | null;
  readonly node: { readonly id: string; readonly name: string };
}
const upstreamOf = async (nodeId: string, actor = aMember('ada')): Promise<string[]> => {
  const { item } = await steps.ask.data<{ item: { upstream: { edges: Hop[] } } | null }>(
    `query ($id: ID!) { item(id: $id) { upstream { edges { relation role node { id name } } } } }`,
    { id: nodeId },
    actor,
  );
  return (item?.upstream.edges ?? []).map(({ relation, node }) => `${relation} ${node.name}`).sort();
};
const nodesNamed = async (name: string) =>
  database.query<{ id: string; kind: string; subtype: string; facts: { iri?: string } }>(
    'select public_id as id, kind, subtype, facts from node where name = $1 order by id',
    [name],
  );

describe('an imported document', () => {
  it('becomes things and the relations between them, with what each statement says more', async () => {
    const record = await steps.imported(
      doc(
        'entity(ex:tides, [prov:label = "Tides", prov:type = \'ex:Forecast\'])',
        'activity(ex:run1, 2026-01-01T00:00:00Z, 2026-01-01T01:00:00Z)',
        'agent(ex:ada)',
        'used(ex:run1, ex:grid, 2026-01-01T00:10:00Z, [prov:role = "grid", ex:cells = 5])',
        'wasGeneratedBy(ex:tides, ex:run1, -)',
        'wasAssociatedWith(ex:run1, ex:ada, ex:recipe)',
        'mentionOf(ex:tides, ex:other, ex:bundle)',
      ),
      { name: 'forecast' },
    );
    expect(record).toMatchObject({ kind: 'IMPORT', name: 'forecast', statementCount: 7 });
    const [tides] = await nodesNamed('Tides');
    expect(tides).toMatchObject({
      kind: 'ENTITY',
      subtype: 'IMPORTED',
      facts: { iri: 'http://example.org/tides', types: ['http://example.org/Forecast'] },
    });
    expect(await upstreamOf(tides?.id ?? '')).toEqual(['SPECIALIZATION_OF other', 'WAS_GENERATED_BY run1']);
    const details = await database.query<{ relation: string; detail: object }>(
      `select e.relation, e.detail from record_edge e join record r on r.id = e.record where r.public_id = $1 order by 1`,
      [record.id],
    );
    expect(details).toMatchObject([
      { relation: 'SPECIALIZATION_OF', detail: { mentionedIn: 'http://example.org/bundle' } },
      { relation: 'USED', detail: { time: '2026-01-01T00:10:00Z', attributes: [{}, {}] } },
      { relation: 'WAS_ASSOCIATED_WITH', detail: { plan: (await nodesNamed('recipe'))[0]?.id } },
      { relation: 'WAS_GENERATED_BY', detail: {} },
    ]);
    // The record is a thing itself, and somebody's word.
    expect(await upstreamOf(record.id)).toEqual([`WAS_ATTRIBUTED_TO user ${id('user ada')}`]);
    const { item } = await steps.ask.data<{ item: { records: { edges: { node: { id: string } }[] } } }>(
      '{ item(id: "' + tides?.id + '") { records { edges { node { id } } } } }',
    );
    expect(item.records.edges.map(({ node }) => node.id)).toEqual([record.id]);
  });

  it('is one record, however often and under whichever name it comes', async () => {
    const text = doc('entity(ex:once)');
    const first = await steps.import(text, { idempotencyKey: 'k1' });
    expect(first.repeated).toBe(false);
    for (const more of [{ idempotencyKey: 'k1' }, { name: 'other' }, { idempotencyKey: 'k2' }]) {
      const again = await steps.import(text, more);
      expect(again).toMatchObject({ repeated: true, record: { id: first.record?.id, name: 'a document' } });
    }
    const conflict = await steps.import(doc('entity(ex:twice)'), { idempotencyKey: 'k2' });
    expect(conflict.userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_CONFLICT', path: ['input', 'idempotencyKey'] },
    ]);
    const atOnce = await Promise.all(
      [1, 2, 3].map(() => steps.import(doc('entity(ex:atOnce)', 'used(ex:a, ex:atOnce, -)'))),
    );
    expect(new Set(atOnce.map(({ record }) => record?.id)).size).toBe(1);
    expect(atOnce.filter(({ repeated }) => repeated === false).length).toBe(1);
  });

  it('names the same thing as another document of the organization, and not as one of another', async () => {
    await steps.imported(doc('used(ex:shared-run, ex:shared, -)'));
    await steps.imported(doc('entity(ex:shared, [ex:n = 1])', 'wasDerivedFrom(ex:shared2, ex:shared)'));
    expect((await nodesNamed('shared')).length).toBe(1);
    const bob = aMember('bob', 'MAINTAINER', [RIVAL]);
    await steps.imported(doc('entity(ex:shared, [ex:n = 1])'), { organizationId: RIVAL }, bob);
    expect((await nodesNamed('shared')).length).toBe(2);
    // A blank name is a name within its document.
    await steps.imported('document\nentity(_:blank)\nendDocument', { name: 'one' });
    await steps.imported('document\nentity(_:blank)\nentity(_:b2)\nendDocument');
    expect((await nodesNamed('blank')).length).toBe(2);
  });

  it('is refused with the place where it cannot be read, and where it contradicts itself', async () => {
    const malformed = await steps.import(doc('entity(ex:a', 'used(ex:b, ex:a)'));
    expect(malformed.userErrors).toMatchObject([{ code: 'PROV_MALFORMED', path: ['input', 'text'] }]);
    expect(malformed.userErrors[0]?.message).toMatch(/line 4/);
    const wrong = doc('entity(ex:both)', 'activity(ex:both)', 'wasGeneratedBy(ex:both, ex:run, -)');
    const invalid = await steps.import(wrong);
    expect(invalid.userErrors).toMatchObject([{ code: 'PROV_INVALID', path: ['input', 'text'] }]);
    expect(invalid.userErrors[0]?.message).toMatch(/number 55/);
    const record = await steps.imported(wrong, { allowInvalid: true });
    expect(difference(readProvN(wrong), readProvJson(record.document))).toEqual(same);
    // What is an activity is nothing else, so these are two.
    expect((await nodesNamed('both')).map(({ kind }) => kind).sort()).toEqual(['ACTIVITY', 'ENTITY']);
  });

  it('that says two generations of one thing keeps both; the graph has the one', async () => {
    const text = doc('wasGeneratedBy(ex:scruffy, ex:one, -)', 'wasGeneratedBy(ex:scruffy, ex:two, -)');
    const record = await steps.imported(text);
    expect(difference(readProvN(text), readProvJson(record.document))).toEqual(same);
    const [scruffy] = await nodesNamed('scruffy');
    expect(await upstreamOf(scruffy?.id ?? '')).toEqual(['WAS_GENERATED_BY one']);
  });

  it('with characters that a database cannot keep is kept as it is', async () => {
    const text = JSON.stringify({
      prefix: { ex: 'http://example.org/' },
      entity: { 'ex:odd': { 'prov:label': 'a\u0000b', 'ex:high': '\uffff\u{10ffff}' } },
      used: { '_:u': { 'prov:activity': 'ex:r', 'prov:entity': 'ex:odd', 'ex:zero': '\u0000' } },
    });
    const record = await steps.imported(text, { notation: 'PROV_JSON' });
    expect(difference(readProvJson(text), readProvJson(record.document))).toEqual(same);
  });

  it('with half a character, which no notation but JSON could write, is refused with its place', async () => {
    for (const half of ['\ud800', '\\udfff']) {
      const text = `{"entity":\n{"prov:e": {"prov:label": "${half}"}}}`;
      expect((await steps.import(text, { notation: 'PROV_JSON' })).userErrors).toMatchObject([
        { code: 'PROV_MALFORMED', message: expect.stringContaining('line 2, column 27') },
      ]);
    }
  });

  it('has its limits', async () => {
    // What takes long counts against its user, and the other tests are somebody else's.
    const eve = aMember('eve');
    const many = Array.from({ length: 20_001 }, (_, n) => `entity(ex:e${n})`);
    expect((await steps.import(doc(...many), {}, eve)).userErrors).toMatchObject([
      { code: 'PAYLOAD_TOO_LARGE', path: ['input', 'text'] },
    ]);
    expect((await steps.import('x'.repeat(1_000_001), {}, eve)).userErrors).toMatchObject([
      { code: 'PAYLOAD_TOO_LARGE' },
    ]);
    const bundles = Array.from({ length: 1_001 }, (_, n) => `bundle ex:b${n} endBundle`);
    expect((await steps.import(doc(...bundles), {}, eve)).userErrors).toMatchObject([
      { code: 'PAYLOAD_TOO_LARGE' },
    ]);
    const record = await steps.imported(doc(...many.slice(0, 5_000)), {}, eve);
    expect(record.statementCount).toBe(5_000);
  });
});

describe('what is ours', () => {
  it('is meant where its importer may read it, never altered, and its making is not told again', async () => {
    const model = await items.aModel({ name: 'Reefs of ours' });
    const ours = `ours:${model.pid.slice('ark:99999/'.length)}`;
    await steps.imported(
      doc(
        'prefix ours <urn:weft:ark:99999/>',
        `entity(${ours}, [prov:label = "a lie"])`,
        `wasGeneratedBy(${ours}, ex:alchemy, -)`,
        `wasDerivedFrom(${ours}, ex:source)`,
        `used(ex:consumer, ${ours}, -)`,
      ),
    );
    expect((await items.item(model.id))?.name).toBe('Reefs of ours');
    expect(await nodesNamed('a lie')).toEqual([]);
    expect(await upstreamOf(model.id)).toEqual(['WAS_DERIVED_FROM source']);
  });

  it('of whom may not write it says nothing; who may not read it means something else', async () => {
    const shared = await items.aModel({ name: 'Shared' });
    await items.done('setItemAccess', {
      id: shared.id,
      grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }],
    });
    const secret = await items.aModel({ name: 'Secret' });
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    const text = doc(
      'prefix u <urn:uuid:>',
      `wasDerivedFrom(u:${shared.id}, ex:forgery)`,
      `wasDerivedFrom(ex:mine, u:${shared.id})`,
      `wasDerivedFrom(ex:mine, u:${secret.id})`,
    );
    await steps.imported(text, { organizationId: RIVAL }, bob);
    expect(await upstreamOf(shared.id)).toEqual([]);
    const mine = (await nodesNamed('mine'))[0]?.id ?? '';
    expect(await upstreamOf(mine, bob)).toEqual(
      ['WAS_DERIVED_FROM Shared', `WAS_DERIVED_FROM ${secret.id}`].sort(),
    );
    expect(await upstreamOf(mine)).toEqual([]);
  });

  it('of another organization is not spoken of, whoever imports; of an item only by who may write it', async () => {
    const both = aMember('ada', 'OWNER', [ACME, RIVAL]);
    await steps.imported(doc('entity(ex:of-acme)'), {}, both);
    const [acmes] = await nodesNamed('of-acme');
    const kept = await items.aModel({ name: 'Kept' });
    await items.done('setItemAccess', {
      id: kept.id,
      grants: [{ kind: 'ORGANIZATION', principalId: ACME, roles: ['METADATA_READ'] }],
    });
    const text = doc(
      'prefix u <urn:uuid:>',
      `wasDerivedFrom(u:${acmes?.id}, ex:elsewhere)`,
      `wasDerivedFrom(u:${kept.id}, ex:elsewhere)`,
    );
    await steps.imported(text, { organizationId: RIVAL }, both);
    await steps.imported(text, {}, aMember('max'));
    expect(await upstreamOf(kept.id, both)).toEqual([]);
    // Of what is imported the organization itself may say anything.
    const [edge, ...others] = await database.query<{ organization: string }>(
      'select e.organization_id as organization from edge e join node n on n.id = e.src where n.name = $1',
      ['of-acme'],
    );
    expect([edge?.organization, others]).toEqual([ACME, []]);
    const mine = doc('prefix u <urn:uuid:>', `wasDerivedFrom(u:${kept.id}, ex:owned)`);
    await steps.imported(mine, {}, aMember('ada'));
    expect(await upstreamOf(kept.id, both)).toEqual(['WAS_DERIVED_FROM owned']);
  });

  it('what a job left stays the word of the platform', async () => {
    const job = aSucceededJob('told');
    await createRegistryParts(database).recordFinishedJobs('test', [{ messageId: 'told', job }]);
    const [activity] = await nodesNamed('told');
    await steps.imported(
      doc(
        'prefix u <urn:uuid:>',
        `used(u:${activity?.id}, ex:planted, -)`,
        `wasInformedBy(ex:later, u:${activity?.id})`,
      ),
    );
    const edges = await database.query<{ relation: string }>(
      `select relation from edge e join node n on n.id = e.src join node d on d.id = e.dst
       where d.name = 'planted' or (n.name = 'later' and d.public_id = $1)`,
      [activity?.id],
    );
    expect(edges).toEqual([{ relation: 'WAS_INFORMED_BY' }]);
  });
});

describe('rights', () => {
  it('an import needs the role MAINTAINER and the scope, and is for the organization', async () => {
    const text = doc('entity(ex:private)');
    const viewer = aMember('vera', 'VIEWER');
    expect((await steps.import(text, {}, viewer)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
    const stranger = aMember('bob', 'OWNER', [RIVAL]);
    expect((await steps.import(text, {}, stranger)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const readOnly = { ...aMember('ada'), scopes: ['read'] };
    expect((await steps.import(text, {}, readOnly)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
    const record = await steps.imported(text);
    const query = `query ($id: ID!, $org: ID!) { record(id: $id) { id name }
      records(organizationId: $org, first: 100) { edges { node { id } } }
      item(id: $id) { id records { edges { node { id } } } } }`;
    const variables = { id: record.id, org: ACME };
    expect(await steps.ask.data(query, variables, stranger)).toEqual({
      record: null,
      records: { edges: [] },
      item: null,
    });
    expect(await steps.ask.data(query, variables, viewer)).toMatchObject({
      record: { id: record.id },
      item: { id: record.id },
    });
    const listed = await steps.ask.data<{ records: { edges: { node: { id: string } }[] } }>(
      query,
      variables,
      viewer,
    );
    expect(listed.records.edges[0]?.node.id).toBe(record.id);
    expect((await steps.ask.refusals(query, variables, { ...viewer, scopes: [] })).join()).toContain(
      'scope "read"',
    );
  });

  it('refuses a document in which a member stands twice, and tells one that came in before as it was read then', async () => {
    const twice = '{"entity": {"_:a": {}},\n"entity": {"_:b": {"prov:label": "kept"}}}';
    const { userErrors, record } = await steps.import(twice, { notation: 'PROV_JSON' });
    expect(record).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'PROV_MALFORMED', path: ['input', 'text'] }]);
    expect(userErrors[0]?.message).toContain(
      '/entity: the object has this member twice (line 1, column 2, and line 2',
    );
    const before = await steps.imported('{"entity": {"_:b": {"prov:label": "kept"}}}', {
      notation: 'PROV_JSON',
    });
    await database.query('update record set document = $2 where public_id = $1', [
      before.id,
      Buffer.from(twice),
    ]);
    const told = await steps.ask.data<{ record: { document: string } }>(
      'query ($id: ID!) { record(id: $id) { document(notation: PROV_N) } }',
      { id: before.id },
    );
    expect(told.record.document).toContain('kept');
  });

  it('lists records newest first, page by page', async () => {
    const page = (after: string | null) =>
      steps.ask.data<{ records: { edges: { cursor: string; node: { id: string } }[] } }>(
        `query ($org: ID!, $after: String) { records(organizationId: $org, first: 40, after: $after) { edges { cursor node { id } } } }`,
        { org: ACME, after },
      );
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { records } = await page(after);
      seen.push(...records.edges.map(({ node }) => node.id));
      if (records.edges.length < 40) break;
      after = records.edges.at(-1)?.cursor ?? null;
    }
    const all = await database.query<{ id: string }>(
      'select public_id as id from record where organization_id = $1 order by record.id desc',
      [ACME],
    );
    // After what was lodged come the jobs.
    const jobs = await database.query<{ id: string }>(
      `select public_id as id from node where organization_id = $1 and subtype = 'JOB' and revision > 0 order by id desc`,
      [ACME],
    );
    expect(seen).toEqual([...all.map((row) => row.id), ...jobs.map((row) => recordIdOfJob(row.id))]);
  });
});
