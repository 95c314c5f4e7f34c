// What a model run says, and the statements that follow from it (reference/provenance-and-console.md A.1.2).
import { DELEGATION_ROLES } from './delegation.js';
import type { EdgeDetail } from './edge-detail.js';
import type { LodgedEdge } from './lodged-activity.js';
import type { Relation } from './node.js';
import type { Assertions } from './statement-diff.js';

export interface TemplatedDataset {
  readonly datasetTemplateId: string;
  readonly datasetId: string;
  readonly datasetType?: 'DATA_STORE';
  /** Path within the dataset of each deferred resource, by its key. */
  readonly resources?: Readonly<Record<string, string>>;
}

/** The metadata of an item of the type MODEL_RUN: fits its schema. */
export interface ModelRunRecord {
  readonly workflowTemplateId: string;
  readonly modelVersion?: string;
  readonly displayName: string;
  readonly description: string;
  readonly studyId?: string;
  readonly inputs: readonly TemplatedDataset[];
  readonly outputs: readonly TemplatedDataset[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly associations: { readonly modellerId: string; readonly requestingOrganisationId?: string };
  readonly startTime: string;
  readonly endTime: string;
  readonly userMetadata?: Readonly<Record<string, string>>;
}

export const SIDES = ['inputs', 'outputs'] as const;
export type Side = (typeof SIDES)[number];

/**
 * COMPLETE: the record stands, and a job is to bring the graph in line with it. LODGED: the graph says what the record
 * says. REMOVED: the run was deleted, and no statement of it is left.
 */
export const RECORD_STATUSES = ['COMPLETE', 'LODGED', 'REMOVED'] as const;
export type RecordStatus = (typeof RECORD_STATUSES)[number];

/** A dataset and the slot that it fills. */
export interface FilledSlot {
  readonly datasetId: string;
  /** The name of the slot's template; with its pid, where two slots of a side have the same. */
  readonly role: string;
}

/** All that the statements of a run are made of, as it was when the run was judged; public ids throughout. */
export interface ToldRun {
  readonly templateId: string;
  readonly modelId: string;
  readonly inputs: readonly FilledSlot[];
  readonly outputs: readonly FilledSlot[];
  readonly modellerId: string;
  readonly organisationId: string | null;
  readonly studyId: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
}

export const RUN_ROLES = { model: 'model', modeller: 'modeller', template: 'template' } as const;

/** The item of the run is its activity. What it used was used from its start on, what it made was there at its end. */
export function statementsOfRun(runId: string, told: ToldRun): Assertions {
  const { templateId, modelId, modellerId, organisationId, studyId } = told;
  const edges: LodgedEdge[] = [];
  const say = (from: string, relation: Relation, to: string, role = '', detail?: EdgeDetail): void =>
    void edges.push({ from, relation, to, role, ...(detail === undefined ? {} : { detail }) });

  say(runId, 'USED', modelId, RUN_ROLES.model);
  say(runId, 'USED', templateId, RUN_ROLES.template);
  for (const { datasetId, role } of told.inputs)
    say(runId, 'USED', datasetId, role, { time: told.startedAt });
  for (const { datasetId, role } of told.outputs) {
    say(datasetId, 'WAS_GENERATED_BY', runId, role, { time: told.endedAt });
    say(datasetId, 'WAS_ATTRIBUTED_TO', modellerId);
  }
  say(runId, 'WAS_ASSOCIATED_WITH', modellerId, RUN_ROLES.modeller, { plan: templateId });
  if (organisationId !== null) {
    say(runId, 'WAS_ASSOCIATED_WITH', organisationId, DELEGATION_ROLES.onBehalfOf);
    say(modellerId, 'ACTED_ON_BEHALF_OF', organisationId, DELEGATION_ROLES.within, { activity: runId });
  }
  if (studyId !== null) say(runId, 'WAS_INFORMED_BY', studyId);
  return { edges, nodes: endsOf(edges) };
}

export const endsOf = (edges: readonly LodgedEdge[]): string[] => [
  ...new Set(edges.flatMap(({ from, to }) => [from, to])),
];

/** What was run, when, with what, in one form: two records of it say the same, however they name things and in whatever order. */
export function canonicalRun(record: ModelRunRecord): string {
  const slots = (side: Side) =>
    record[side]
      .map(({ datasetTemplateId, datasetId, resources = {} }) => [
        datasetTemplateId,
        datasetId,
        inOrder(resources),
      ])
      .toSorted((one, other) => (`${one[0]} ${one[1]}` < `${other[0]} ${other[1]}` ? -1 : 1));
  const { associations, annotations = {}, userMetadata = {} } = record;
  return JSON.stringify([
    record.workflowTemplateId,
    record.modelVersion ?? null,
    record.displayName.trim(),
    record.description.trim(),
    record.studyId ?? null,
    slots('inputs'),
    slots('outputs'),
    inOrder(annotations),
    [associations.modellerId, associations.requestingOrganisationId ?? null],
    [record.startTime, record.endTime].map((time) => new Date(time).toISOString()),
    inOrder(userMetadata),
  ]);
}

const inOrder = (texts: Readonly<Record<string, string>>): (readonly [string, string])[] =>
  Object.entries(texts).toSorted(([one], [other]) => (one < other ? -1 : 1));

/** The record with every item named by what `idOf` gives. */
export function withIds(record: ModelRunRecord, idOf: (reference: string) => string): ModelRunRecord {
  const { studyId, associations } = record;
  const { modellerId, requestingOrganisationId } = associations;
  const slots = (side: Side): TemplatedDataset[] =>
    record[side].map((one) => ({
      ...one,
      datasetTemplateId: idOf(one.datasetTemplateId),
      datasetId: idOf(one.datasetId),
    }));
  return {
    ...record,
    workflowTemplateId: idOf(record.workflowTemplateId),
    ...(studyId === undefined ? {} : { studyId: idOf(studyId) }),
    inputs: slots('inputs'),
    outputs: slots('outputs'),
    associations: {
      modellerId: idOf(modellerId),
      ...(requestingOrganisationId === undefined
        ? {}
        : { requestingOrganisationId: idOf(requestingOrganisationId) }),
    },
  };
}
