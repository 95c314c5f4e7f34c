// Where the records of jobs are found, and by whom.
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { publicId } from '../persistence/public-id.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';
import { ACME, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { ADA, aMember } from '../testing/item-steps.js';
import { documentOf, idOfRecord, JOBS, recordJobs, THIRD } from '../testing/recorded-jobs.js';

const NEW_OWNER = aMember('nina', 'OWNER', [THIRD]);

let steps: ExchangeSteps;
beforeAll(async () => {
  const database = await testDatabase(registryDatabase);
  steps = await exchangeSteps(database);
  await recordJobs(createRegistryParts(database));
});
afterAll(() => steps.close());

const RECORDS = '{ edges { cursor node { id kind name } } pageInfo { hasNextPage } }';
interface Page {
  readonly edges: readonly { cursor: string; node: { id: string; kind: string; name: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}
const named = ({ edges }: Page) => edges.map(({ node: { kind, name } }) => `${kind} ${name}`);

/** All pages of two, one after the other. */
async function paged(read: (after: string | null) => Promise<Page>): Promise<string[]> {
  const seen: string[] = [];
  for (let after: string | null = null; ;) {
    const page: Page = await read(after);
    seen.push(...named(page));
    if (!page.pageInfo.hasNextPage) return seen;
    after = page.edges.at(-1)?.cursor ?? null;
  }
}

describe('the record of a job', () => {
  test('is where those of lodged statements are: of a link, an item, an organization, and by its id', async () => {
    const made = publicId(`${ACME}/artifact/${id('made')}`);
    const { lineage } = await steps.ask.data<{
      lineage: { links: { relation: string; records: { name: string }[] }[] };
    }>(
      `query ($input: LineageInput!) { lineage(input: $input) { links { relation records { name } } } }`,
      { input: { start: made, direction: 'UPSTREAM', depth: 1 } },
      ADA,
    );
    expect(
      lineage.links.map(({ relation, records }) => [relation, records.map(({ name }) => name)]).sort(),
    ).toEqual([
      ['WAS_ASSOCIATED_WITH', ['make']],
      ['WAS_ATTRIBUTED_TO', ['make']],
      ['WAS_GENERATED_BY', ['make']],
    ]);
    await steps.imported(`document\nprefix u <urn:uuid:>\nprefix ex <http://example.org/>
      wasDerivedFrom(ex:copy, u:${made})\nendDocument`);
    const ofItem = (after: string | null) =>
      steps.ask
        .data<{ item: { records: Page } }>(
          `query ($id: ID!, $after: String) { item(id: $id) { records(first: 1, after: $after) ${RECORDS} } }`,
          { id: made, after },
          ADA,
        )
        .then(({ item }) => item.records);
    expect(await paged(ofItem)).toEqual(['IMPORT a document', 'JOB step', 'JOB use', 'JOB make']);
    const half = publicId(`${ACME}/artifact/${id('half')}`);
    const ofHalf = await steps.ask.data<{ item: { records: Page } }>(
      `query ($id: ID!) { item(id: $id) { records ${RECORDS} } }`,
      { id: half },
      ADA,
    );
    expect(named(ofHalf.item.records)).toEqual(['JOB third', 'JOB again', 'JOB broken']);
    const ofOrganization = (after: string | null) =>
      steps.ask
        .data<{ records: Page }>(
          `query ($id: ID!, $after: String) { records(organizationId: $id, first: 2, after: $after) ${RECORDS} }`,
          { id: ACME, after },
          ADA,
        )
        .then(({ records }) => records);
    const jobs = ['never', 'planned', 'shell', 'step', 'third', 'again', 'broken', 'batch', 'use', 'make'];
    expect((await paged(ofOrganization)).filter((one) => one !== 'JOB given')).toEqual([
      'IMPORT a document',
      ...new Set(jobs.map((name) => `JOB ${name}`)),
    ]);
    const { _entities: [entity] = [] } = await steps.ask.data<{
      _entities: { provenance: { record: unknown } }[];
    }>(
      `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { provenance {
        record { id kind name lodgedAt lodgedBy { id } job { id } parent { id } bundle bundles { edges { cursor } } } } } } }`,
      { id: id('use') },
      ADA,
    );
    expect(entity?.provenance.record).toEqual({
      ...{ id: idOfRecord('use'), kind: 'JOB', name: 'use', lodgedAt: JOBS.use.endedAt },
      ...{ lodgedBy: { id: id('user ada') }, job: { id: id('use') } },
      ...{ parent: null, bundle: null, bundles: { edges: [] } },
    });
  });

  test('is read by those who read the job, and went with it to its new owner', async () => {
    const shown = async (name: string, actor = ADA) =>
      (
        await steps.ask.data<{ record: object | null }>(
          'query ($id: ID!) { record(id: $id) { kind organization { id } } }',
          { id: idOfRecord(name) },
          actor,
        )
      ).record;
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    expect(await shown('make')).toEqual({ kind: 'JOB', organization: { id: ACME } });
    expect(await shown('make', bob)).toBeNull();
    expect(await shown('given')).toBeNull();
    expect(await shown('given', NEW_OWNER)).toEqual({ kind: 'JOB', organization: { id: THIRD } });
    // The new owner reads of what went along, and not of what stayed.
    expect(await documentOf(steps, idOfRecord('given'), NEW_OWNER)).toContain('alternateOf');
    expect(await documentOf(steps, idOfRecord('given'), NEW_OWNER)).not.toContain(sha('data of given'));
    const list = await steps.ask.data<{ records: Page }>(
      `query ($id: ID!) { records(organizationId: $id) ${RECORDS} }`,
      { id: ACME },
      bob,
    );
    expect(list.records.edges).toEqual([]);
    // What is shared does not tell of the job that made it.
    const result = publicId(`${ACME}/artifact/${id('made')}`);
    const { item } = await steps.ask.data<{ item: { records: Page } | null }>(
      `query ($id: ID!) { item(id: $id) { records ${RECORDS} } }`,
      { id: result },
      bob,
    );
    expect(item).toBeNull();
  });

  test('is listed however many others used the same', async () => {
    const made = publicId(`${ACME}/artifact/${id('made')}`);
    await steps.imported(
      ['document', 'prefix u <urn:uuid:>', 'prefix ex <http://example.org/>']
        .concat(
          [1, 2, 3, 4].map((n) => `used(ex:run${n}, u:${made}, -)`),
          'endDocument',
        )
        .join('\n'),
      { name: 'four uses' },
    );
    const seen = await paged((after) =>
      steps.ask
        .data<{ item: { records: Page } }>(
          `query ($id: ID!, $after: String) { item(id: $id) { records(first: 2, after: $after) ${RECORDS} } }`,
          { id: made, after },
          ADA,
        )
        .then(({ item }) => item.records),
    );
    expect(seen.filter((one) => one.startsWith('JOB'))).toEqual(['JOB step', 'JOB use', 'JOB make']);
  });
});
