// A study with model runs as the registry will have them, put straight into the database. For tests.
import { randomUUID } from 'node:crypto';
import type { Database } from '@weft/database';
import { DELEGATION_ROLES } from '../domain/delegation.js';
import type { NodeKind, RegisteredSubtype, Relation } from '../domain/node.js';
import { ACME, id, RIVAL } from './finished-jobs.js';

export interface PlantedItem {
  readonly id: string;
  readonly pid: string;
}

export interface PlantedStudy {
  readonly study: PlantedItem;
  readonly run: PlantedItem;
  /** A run of which nothing is hidden. */
  readonly open: PlantedItem;
  readonly survey: PlantedItem;
  /** A run that only the rival may read. */
  readonly secret: PlantedItem;
  /** Lets a principal read the item beside ACME; null: ACME alone again. */
  share(itemId: string, principal: string | null): Promise<void>;
  /** Does something while only the rival may read the item. */
  withdrawRights(itemId: string, during: () => Promise<unknown>): Promise<void>;
}

const KINDS: Readonly<Partial<Record<RegisteredSubtype, NodeKind>>> = {
  STUDY: 'ACTIVITY',
  MODEL_RUN: 'ACTIVITY',
  PERSON: 'AGENT',
  ORGANISATION: 'AGENT',
};

/** For members of `organizationId`. */
export async function plantItem(
  database: Database,
  subtype: RegisteredSubtype,
  name: string,
  metadata: Record<string, unknown> = {},
  organizationId: string = ACME,
): Promise<PlantedItem> {
  const item = { id: randomUUID(), pid: `ark:99999/w1${randomUUID().replaceAll('-', '')}` };
  await database.query(
    `with n as (
       insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, search, registered)
       values ($1, $2, $3, $4, 1, $5, '{}', array[$4::uuid], '', true) returning id
     )
     insert into item (node, pid, record_type, schema_version, metadata, tags, owner_id, created_by, revision, series_id, version)
     select id, $6, 'COMPLETE', 1, $7, '{}', $8, $8, 1, $1, 1 from n`,
    [item.id, KINDS[subtype] ?? 'ENTITY', subtype, organizationId, name, item.pid, metadata, id('user ada')],
  );
  return item;
}

export async function plantEdge(
  database: Database,
  from: PlantedItem,
  relation: Relation,
  to: PlantedItem,
  role = '',
): Promise<void> {
  await database.query(
    `insert into edge (src, dst, relation, role, organization_id)
     select src.id, dst.id, $3, $4, src.organization_id from node src, node dst
     where src.public_id = $1 and dst.public_id = $2`,
    [from.id, to.id, relation, role],
  );
}

export async function aStudy(database: Database): Promise<PlantedStudy> {
  const item = (
    subtype: RegisteredSubtype,
    name: string,
    metadata: Record<string, unknown> = {},
    organizationId?: string,
  ) => plantItem(database, subtype, name, metadata, organizationId);
  const study = await item('STUDY', 'Warming', { title: 'Warming', description: 'What warmth does.' });
  const modeller = await item('PERSON', 'Ann Modeller');
  const institute = await item('ORGANISATION', 'Reef Institute');
  const model = await item('MODEL', 'Reef growth', { name: 'Reef growth', description: 'Grows reefs.' });
  const template = await item('MODEL_RUN_WORKFLOW_TEMPLATE', 'Yearly run');
  const dataset = (name: string, organizationId?: string) =>
    item('DATASET', name, { datasetInfo: { name, license: 'https://licence.example.org/' } }, organizationId);
  const aRun = async (
    name: string,
    inputs: readonly PlantedItem[],
    outputs: readonly PlantedItem[],
    organizationId?: string,
  ): Promise<PlantedItem> => {
    const told = {
      ...{
        displayName: name,
        description: `About ${name}.`,
        workflowTemplateId: template.id,
        studyId: study.id,
      },
      associations: { modellerId: modeller.id, requestingOrganisationId: institute.id },
      annotations: { note: 'seed 42' },
      ...{ startTime: '2026-01-01T10:00:00+10:00', endTime: '2026-01-02T10:00:00+10:00' },
    };
    const run = await item('MODEL_RUN', name, told, organizationId);
    await plantEdge(database, run, 'USED', model, 'model');
    for (const input of inputs) await plantEdge(database, run, 'USED', input, 'input');
    for (const output of outputs) await plantEdge(database, output, 'WAS_GENERATED_BY', run, 'output');
    await plantEdge(database, run, 'WAS_ASSOCIATED_WITH', modeller, 'modeller');
    await plantEdge(database, run, 'WAS_ASSOCIATED_WITH', institute, DELEGATION_ROLES.onBehalfOf);
    await plantEdge(database, run, 'WAS_INFORMED_BY', study);
    return run;
  };
  const [survey, images, grown, others] = [
    await dataset('Survey'),
    await dataset('Raw images'),
    await dataset('Grown reefs'),
    await dataset('Other reefs'),
  ];
  const elsewhere = await item('ORGANISATION', 'Unrelated Institute');
  for (const responsible of [institute, elsewhere])
    await plantEdge(database, modeller, 'ACTED_ON_BEHALF_OF', responsible, DELEGATION_ROLES.within);
  await aRun('Survey run', [images], [survey]);
  const run = await aRun('Reef run 1', [survey, await dataset('Secret forcing', RIVAL)], [grown]);
  const open = await aRun('Reef run 2', [survey], [others]);
  const secret = await aRun('Secret run', [survey], [await dataset('Secret reefs', RIVAL)], RIVAL);
  const setReaders = async (itemId: string, readers: readonly string[]): Promise<void> => {
    await database.query('update node set readers = $2::uuid[] where public_id = $1', [itemId, readers]);
  };
  return {
    ...{ study, run, open, survey, secret },
    share: (itemId, principal) => setReaders(itemId, principal === null ? [ACME] : [ACME, principal]),
    async withdrawRights(itemId, during) {
      await setReaders(itemId, [RIVAL]);
      await during();
      await setReaders(itemId, [ACME]);
    },
  };
}

/** A study with nothing but runs. */
export async function aCrowdedStudy(database: Database, runs: number): Promise<PlantedItem> {
  const study = await plantItem(database, 'STUDY', 'Crowded', {
    title: 'Crowded',
    description: 'Many runs.',
  });
  for (let n = 0; n < runs; n++) {
    const run = await plantItem(database, 'MODEL_RUN', `Run ${n}`, { displayName: `Run ${n}` });
    await plantEdge(database, run, 'WAS_INFORMED_BY', study);
  }
  return study;
}
