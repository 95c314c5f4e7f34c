import { readFileSync } from 'node:fs';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { crateFaults, type RoCrate } from '@weft/lineage-formats';
import { testDatabase } from '@weft/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { registryDatabase } from '../context.js';
import { ACME, id, RIVAL, sha } from '../testing/finished-jobs.js';
import { ADA, aMember, type ShownItem } from '../testing/item-steps.js';
import { aLaboratory, datasetOf, type Laboratory } from '../testing/model-run-steps.js';

interface Event {
  readonly eventType: string;
  readonly eventTime: string;
  readonly run: { readonly runId: string; readonly facets: object };
  readonly job: { readonly name: string; readonly facets: Record<string, unknown> };
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly { readonly name: string }[];
}
interface Crate {
  readonly metadata: RoCrate['metadata'];
  readonly files: readonly { readonly path: string; readonly artifact: { readonly id: string } }[];
}

let database: Database;
let lab: Laboratory;
let run: ShownItem;
let used: ShownItem | null;
let made: ShownItem | null;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  lab = await aLaboratory(database);
  const { item } = await lab.register(await lab.aRecord({ displayName: 'Reefs of 2026' }));
  if (item === null) throw new Error('the run was refused');
  run = item;
  used = await lab.item(datasetOf(item, 'inputs'));
  made = await lab.item(datasetOf(item, 'outputs'));
});

const OWN = [{ kind: 'ORGANIZATION', principalId: ACME, roles: ['METADATA_READ', 'DATA_READ'] }];
const EVENTS =
  'query ($jobId: ID, $activityId: ID) { openLineageEvents(jobId: $jobId, activityId: $activityId) }';
const CRATE = `query ($jobId: ID, $activityId: ID) {
  exportRoCrate(jobId: $jobId, activityId: $activityId) { metadata files { path artifact { id } } } }`;
const events = async (activityId: string, actor = ADA) =>
  (await lab.ask.data<{ openLineageEvents: Event[] | null }>(EVENTS, { activityId }, actor))
    .openLineageEvents;
const crate = async (activityId: string, actor = ADA) =>
  (await lab.ask.data<{ exportRoCrate: Crate | null }>(CRATE, { activityId }, actor)).exportRoCrate;

describe('a registered model run', () => {
  it('is nothing to export before its job has lodged it', async () => {
    expect([await events(run.id), await crate(run.id)]).toEqual([null, null]);
    await lab.runJobs();
    expect(await events(run.id)).toHaveLength(2);
  });

  it('is not packed, and says what there is instead to who may read it', async () => {
    const refusal = async (actor: Actor) => {
      const { packRoCrate } = await lab.ask.data<{ packRoCrate: { userErrors: readonly unknown[] } }>(
        `mutation ($input: PackRoCrateInput!) { packRoCrate(input: $input) { userErrors { code message path } } }`,
        { input: { activityId: run.id } },
        actor,
      );
      return packRoCrate.userErrors;
    };
    const told = { code: 'NOT_FOUND', path: ['input', 'activityId'] };
    expect(await refusal(ADA)).toEqual([{ ...told, message: expect.stringContaining('exportRoCrate') }]);
    expect(await refusal(aMember('rival', 'OWNER', [RIVAL]))).toEqual([
      { ...told, message: 'Nothing that you may see has ended under this id.' },
    ]);
  });

  it('is a START and a COMPLETE of OpenLineage, at the times that it was registered with', async () => {
    const told = (await events(run.pid)) ?? [];
    expect(told.map(({ eventType, eventTime }) => `${eventType} ${eventTime}`)).toEqual([
      'START 2026-03-31T12:00:00.000Z',
      'COMPLETE 2026-03-31T14:00:00.000Z',
    ]);
    const last = told.at(-1);
    expect(last?.run).toMatchObject({ runId: run.id });
    expect(last?.job).toMatchObject({
      name: 'Reefs of 2026',
      facets: {
        jobType: { jobType: 'MODEL_RUN' },
        documentation: { description: 'Follows Yearly run.' },
        sourceCodeLocation: { url: `urn:weft:${lab.model.pid}`, version: lab.model.name },
      },
    });
    // Neither the model nor the template are data.
    expect(last?.inputs.map(({ name }) => name)).toEqual([used?.pid]);
    expect(last?.outputs.map(({ name }) => name)).toEqual([made?.pid]);
    expect(told).toEqual(await events(run.id));
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const schema = new URL('../../../../libs/lineage-formats/cases/openlineage-2-0-2.json', import.meta.url);
    const fits = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')) as object);
    for (const event of told) expect([fits(event), fits.errors]).toEqual([true, null]);
  });

  it('is a Process Run Crate: the model is the instrument, who ran it the agent', async () => {
    const told = await crate(run.pid);
    expect(crateFaults(told as unknown as RoCrate, 'process')).toEqual([]);
    const graph = told?.metadata['@graph'] ?? [];
    const iri = (item: ShownItem | null) => ({ '@id': `urn:weft:${item?.pid}` });
    expect(graph.find((entity) => entity['@type'] === 'CreateAction')).toMatchObject({
      '@id': `urn:weft:${run.pid}`,
      name: 'Reefs of 2026',
      description: `It followed Yearly run (urn:weft:${lab.template.pid}).`,
      instrument: iri(lab.model),
      agent: iri(lab.person),
      object: iri(used),
      result: iri(made),
      startTime: '2026-03-31T12:00:00.000Z',
      endTime: '2026-03-31T14:00:00.000Z',
      actionStatus: { '@id': 'http://schema.org/CompletedActionStatus' },
    });
    expect(told?.files).toEqual([]);
  });

  it('names the stored files of its datasets, and a slot may be called as a role of jobs is', async () => {
    await database.query(
      `insert into item_data (node, artifact_id, size, sha256) select id, $2, 42, $3 from node where public_id = $1`,
      [used?.id, id('wind.nc'), sha('wind')],
    );
    await database.query(
      `insert into edge (src, dst, relation, role, organization_id)
       select src, dst, relation, called, organization_id
       from edge cross join unnest(array['code', 'environment', 'model', 'template']) as called
       where role = 'wind' and src = (select id from node where public_id = $1)`,
      [run.id],
    );
    const told = await crate(run.id);
    expect(crateFaults(told as unknown as RoCrate, 'process')).toEqual([]);
    expect(told?.files.map(({ artifact }) => artifact.id)).toEqual([id('wind.nc')]);
    const action = told?.metadata['@graph'].find((entity) => entity['@type'] === 'CreateAction');
    expect(action?.['instrument']).toEqual({ '@id': `urn:weft:${lab.model.pid}` });
    const [event] = (await events(run.id)) ?? [];
    expect(event?.inputs).toMatchObject([
      { name: used?.pid, facets: { version: { datasetVersion: `sha256:${sha('wind')}` } } },
    ]);
    // Who may read what is said of a dataset need not have its file.
    const metadataOnly = { grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }] };
    for (const item of [run, used, lab.model])
      await lab.done('setItemAccess', { id: item?.id, ...metadataOnly });
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    const seen = await crate(run.id, bob);
    expect(crateFaults(seen as unknown as RoCrate, 'process')).toEqual([]);
    expect(JSON.stringify(seen)).toContain(used?.pid);
    expect(JSON.stringify(seen)).not.toContain(id('wind.nc'));
    expect(JSON.stringify([seen, await events(run.id, bob)])).not.toContain(sha('wind'));
  });

  it('is nothing to others, nor is what is no run', async () => {
    const bob = aMember('bob', 'OWNER', [RIVAL]);
    await lab.done('setItemAccess', { id: run.id, grants: OWN });
    expect([await events(run.id, bob), await crate(run.id, bob)]).toEqual([null, null]);
    expect([await events(lab.study.id), await crate(lab.study.pid)]).toEqual([null, null]);
    expect([await events(lab.model.id), await crate(id('nothing'))]).toEqual([null, null]);
  });

  it('is named by one of two arguments', async () => {
    for (const query of [EVENTS, CRATE])
      for (const named of [{}, { jobId: id('job'), activityId: run.id }])
        expect((await lab.ask.refusals(query, named, ADA)).join()).toContain('"jobId" and "activityId"');
  });
});
