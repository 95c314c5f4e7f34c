// What depends on templates, people and organisations: the runs that follow them, and what names them.
import { testDatabase } from '@weft/testkit';
import { beforeAll, expect, test } from 'vitest';
import type { Actor } from '@weft/identity';
import { registryDatabase } from '../context.js';
import { RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember } from '../testing/item-steps.js';
import { aLaboratory, type Laboratory } from '../testing/model-run-steps.js';

let lab: Laboratory;
beforeAll(async () => {
  lab = await aLaboratory(await testDatabase(registryDatabase));
  await lab.register(await lab.aRecord({ displayName: 'one' }));
  await lab.register(await lab.aRecord({ displayName: 'two' }));
  await lab.runJobs();
});

interface Impact {
  readonly modelRuns: { readonly edges: { readonly node: { readonly name: string } }[] };
  readonly namedByCount: number;
  readonly namedBy: {
    readonly edges: { readonly node: { readonly name: string } }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}

const impactOf = async (id: string, page: object = {}, actor: Actor = ADA): Promise<Impact> => {
  const { itemImpact } = await lab.ask.data<{ itemImpact: Impact }>(
    `query ($id: ID!, $first: Int, $after: String) { itemImpact(id: $id) {
       modelRuns { edges { node { name } } } namedByCount
       namedBy(first: $first, after: $after) { edges { node { name } } pageInfo { endCursor hasNextPage } } } }`,
    { id, ...page },
    actor,
  );
  return itemImpact;
};
const names = ({ edges }: Impact['namedBy'] | Impact['modelRuns']): string[] =>
  edges.map(({ node }) => node.name).sort();

test('of a workflow template: the runs that follow it', async () => {
  const impact = await impactOf(lab.template.id);
  expect(names(impact.modelRuns)).toEqual(['one', 'two']);
  expect(names(impact.namedBy)).toEqual(['one', 'two']);
});

test('of a template of datasets: the workflow template that has it, and its runs', async () => {
  for (const { id } of [lab.wind, lab.config]) {
    const impact = await impactOf(id);
    expect(names(impact.modelRuns)).toEqual(['one', 'two']);
    expect(names(impact.namedBy)).toContain(lab.template.name);
  }
  const upstream = await lab.ask.data<{ lineage: { edges: { node: { name: string } }[] } }>(
    `query ($id: ID!) { lineage(input: { start: $id, direction: UPSTREAM, relations: [HAD_MEMBER] }) { edges { node { name } } } }`,
    { id: lab.template.id },
  );
  expect(upstream.lineage.edges.map(({ node }) => node.name).sort()).toEqual(
    [lab.model, lab.wind, lab.config, lab.reefs].map(({ name }) => name).sort(),
  );
});

test('a template that is edited has the members that it names then', async () => {
  const metadata = { name: 'Another', modelId: lab.model.id, inputTemplates: [{ templateId: lab.wind.id }] };
  const template = await lab.done('createItem', {
    subtype: 'MODEL_RUN_WORKFLOW_TEMPLATE',
    metadata: { ...metadata, outputTemplates: [] },
  });
  await lab.done('editItem', {
    id: template.id,
    reason: 'It makes reefs.',
    metadata: { ...metadata, inputTemplates: [], outputTemplates: [{ templateId: lab.reefs.id }] },
  });
  const { lineage } = await lab.ask.data<{ lineage: { edges: { node: { name: string } }[] } }>(
    `query ($id: ID!) { lineage(input: { start: $id, direction: UPSTREAM, depth: 1, relations: [HAD_MEMBER] }) { edges { node { name } } } }`,
    { id: template.id },
  );
  expect(lineage.edges.map(({ node }) => node.name).sort()).toEqual([lab.model.name, lab.reefs.name].sort());
});

test('of an organisation: the datasets that it publishes, page by page, as far as the caller may read them', async () => {
  const impact = await impactOf(lab.organisation.id, { first: 1 });
  // Four datasets and two runs.
  expect(impact.namedByCount).toBe(6);
  expect(impact.namedBy.pageInfo.hasNextPage).toBe(true);
  const rest = await impactOf(lab.organisation.id, { after: impact.namedBy.pageInfo.endCursor });
  expect(rest.namedBy.edges).toHaveLength(5);
  expect(rest.namedBy.edges).not.toContainEqual(impact.namedBy.edges[0]);
  await lab.done('setItemAccess', {
    id: lab.organisation.id,
    grants: [{ kind: 'EVERYONE', principalId: null, roles: ['METADATA_READ'] }],
  });
  const mallory = aMember('mallory', 'OWNER', [RIVAL]);
  expect(await impactOf(lab.organisation.id, {}, mallory)).toMatchObject({
    namedByCount: 0,
    namedBy: { edges: [] },
  });
});
