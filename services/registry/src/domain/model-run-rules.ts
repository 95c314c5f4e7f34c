// Whether a record fits its workflow template, and what it names. Everything that is wrong is told at once, each with its path
// from the record.
import type { Violation } from './item-types/item-type.js';
import { textAt } from './item-types/places.js';
import { resourcePathProblem } from './item-types/dataset-template.js';
import { SIDES, type FilledSlot, type ModelRunRecord, type Side, type ToldRun } from './model-run.js';

/** An item that a record, or its template, names, as far as the caller may see it. */
export interface NamedItem {
  /** Surrogate key, never shown. */
  readonly key: number;
  readonly id: string;
  readonly pid: string;
  readonly name: string;
  readonly subtype: string;
  readonly isComplete: boolean;
  readonly isWithdrawn: boolean;
  /** Of templates; null of all else. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** Whether the caller may say of it how it came to be. */
  readonly isWritable: boolean;
  /** Whether something else than its registration, or another run, generated it or is about to. */
  readonly isGenerated: boolean;
}

/** By id or pid, in any way to write it; undefined: there is none that the caller may see. */
export type Named = (reference: string) => NamedItem | undefined;

interface WorkflowTemplate {
  readonly modelId: string;
  readonly inputTemplates: readonly Slot[];
  readonly outputTemplates: readonly Slot[];
  readonly annotations?: { readonly required: readonly string[]; readonly optional: readonly string[] };
}

interface Slot {
  readonly templateId: string;
  readonly optional?: boolean;
}

interface DatasetTemplate {
  readonly deferredResources: readonly { readonly key: string; readonly optional?: boolean }[];
}

export const TEMPLATES_OF: Readonly<Record<Side, 'inputTemplates' | 'outputTemplates'>> = {
  inputs: 'inputTemplates',
  outputs: 'outputTemplates',
};

export const templateOf = (item: NamedItem): WorkflowTemplate => item.metadata as unknown as WorkflowTemplate;
export const datasetTemplateOf = (item: NamedItem): DatasetTemplate =>
  item.metadata as unknown as DatasetTemplate;

/** What a template names and a record of it depends on. */
export const namedByTemplate = (template: NamedItem): string[] => {
  const { modelId, inputTemplates, outputTemplates } = templateOf(template);
  return [modelId, ...[...inputTemplates, ...outputTemplates].map(({ templateId }) => templateId)];
};

/** What is wrong with an item that stands where one of these subtypes belongs; undefined: nothing. */
export function namingProblem(
  item: NamedItem | undefined,
  subtypes: readonly string[],
  keeps: ReadonlySet<string>,
): string | undefined {
  if (item === undefined) return 'No item with this id or pid exists that you may see.';
  if (!subtypes.includes(item.subtype))
    return `This is an item of the type ${item.subtype}; here belongs ${subtypes.join(' or ')}.`;
  if (!item.isComplete) return 'This item is a seed: complete it first.';
  // A run that named it before goes on naming it.
  return item.isWithdrawn && !keeps.has(item.id) ? 'This item was withdrawn.' : undefined;
}

/** Rules that need the template. The record fits its schema, and what it names is there. */
export function templateViolations(
  record: ModelRunRecord,
  template: NamedItem,
  named: Named,
  keeps: ReadonlySet<string>,
): Violation[] {
  const model = namingProblem(named(templateOf(template).modelId), ['MODEL'], keeps);
  return [
    ...(model === undefined
      ? []
      : [{ path: ['workflowTemplateId'], message: `The model that the template names: ${model}` }]),
    ...SIDES.flatMap((side) => slotViolations(record, template, side, named)),
    ...annotationViolations(record, template),
    ...outputViolations(record, named),
  ];
}

const UNSEEN = 'an item that you may not see';

function slotViolations(record: ModelRunRecord, template: NamedItem, side: Side, named: Named): Violation[] {
  const slots = new Map(
    templateOf(template)[TEMPLATES_OF[side]].map((slot) => [
      named(slot.templateId)?.id ?? slot.templateId,
      slot,
    ]),
  );
  const filled = new Map<string, number>();
  const violations: Violation[] = [];
  record[side].forEach(({ datasetTemplateId }, at) => {
    const item = named(datasetTemplateId);
    if (item?.metadata == null || item.subtype !== 'DATASET_TEMPLATE') return;
    const path = [side, `${at}`, 'datasetTemplateId'];
    const first = filled.get(item.id);
    if (!slots.has(item.id))
      violations.push({
        path,
        message: `The workflow template has no slot "${item.name}" among its ${side}.`,
      });
    else if (first !== undefined)
      violations.push({ path, message: `${side}.${first} fills this slot already; a slot has one dataset.` });
    else filled.set(item.id, at);
    violations.push(...resourceViolations(record, item, side, at));
  });
  for (const [id, { optional }] of slots)
    if (optional !== true && !filled.has(id)) {
      const slot = named(id);
      const what = slot === undefined ? UNSEEN : `"${slot.name}" (${slot.pid})`;
      violations.push({ path: [side], message: `Nothing fills the required slot ${what}.` });
    }
  return violations;
}

function resourceViolations(record: ModelRunRecord, item: NamedItem, side: Side, at: number): Violation[] {
  const given = record[side][at]?.resources ?? {};
  const path = [side, `${at}`, 'resources'];
  const deferred = new Map(datasetTemplateOf(item).deferredResources.map((one) => [one.key, one]));
  return [
    ...Object.entries(given).flatMap(([key, value]) => {
      if (!deferred.has(key))
        return [{ path: [...path, key], message: `"${item.name}" has no deferred resource of this key.` }];
      const problem = value.trim() === '' ? 'Give the path within the dataset.' : resourcePathProblem(value);
      return problem === undefined ? [] : [{ path: [...path, key], message: problem }];
    }),
    ...[...deferred.values()]
      .filter(({ key, optional }) => optional !== true && !Object.hasOwn(given, key))
      .map(({ key }) => ({ path, message: `The path of the deferred resource "${key}" is missing.` })),
  ];
}

function annotationViolations(record: ModelRunRecord, template: NamedItem): Violation[] {
  const { required = [], optional = [] } = templateOf(template).annotations ?? {};
  const given = record.annotations ?? {};
  const known = new Set([...required, ...optional]);
  return [
    ...required
      .filter((name) => (textAt(given, name) ?? '').trim() === '')
      .map((name) => ({ path: ['annotations'], message: `The annotation "${name}" is required.` })),
    ...Object.keys(given)
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: ['annotations', name],
        message: 'The workflow template knows no such annotation.',
      })),
  ];
}

/** What a run makes is new: it was not there before, and nothing else made it. */
function outputViolations(record: ModelRunRecord, named: Named): Violation[] {
  const places = new Map<string, string>();
  record.inputs.forEach(({ datasetId }, at) => places.set(named(datasetId)?.id ?? '', `inputs.${at}`));
  const violations: Violation[] = [];
  record.outputs.forEach(({ datasetId }, at) => {
    const item = named(datasetId);
    if (item?.subtype !== 'DATASET') return;
    const say = (message: string): void =>
      void violations.push({ path: ['outputs', `${at}`, 'datasetId'], message });
    const place = places.get(item.id);
    if (place !== undefined)
      say(`This dataset stands at ${place} already; what a run makes is another one, or a new version.`);
    if (item.isGenerated) say('Another run or job made this dataset already; one thing makes a dataset.');
    if (!item.isWritable)
      say(
        'Saying what made a dataset needs the role METADATA_WRITE on it. Ask for it with requestItemAccess.',
      );
    places.set(item.id, `outputs.${at}`);
  });
  return violations;
}

/** The facts of a record that passed. */
export function toldRun(record: ModelRunRecord, template: NamedItem, named: Named): ToldRun {
  const idOf = (reference: string): string => named(reference)?.id ?? reference;
  const { modellerId, requestingOrganisationId } = record.associations;
  return {
    templateId: template.id,
    modelId: idOf(templateOf(template).modelId),
    inputs: filledSlots(record, 'inputs', named),
    outputs: filledSlots(record, 'outputs', named),
    modellerId: idOf(modellerId),
    organisationId: requestingOrganisationId === undefined ? null : idOf(requestingOrganisationId),
    studyId: record.studyId === undefined ? null : idOf(record.studyId),
    startedAt: new Date(record.startTime).toISOString(),
    endedAt: new Date(record.endTime).toISOString(),
  };
}

function filledSlots(record: ModelRunRecord, side: Side, named: Named): FilledSlot[] {
  const names = Map.groupBy(record[side], ({ datasetTemplateId }) => named(datasetTemplateId)?.name);
  return record[side].flatMap(({ datasetTemplateId, datasetId }) => {
    const [template, dataset] = [named(datasetTemplateId), named(datasetId)];
    if (template === undefined || dataset === undefined) return [];
    const isOnly = names.get(template.name)?.length === 1;
    return [{ datasetId: dataset.id, role: isOnly ? template.name : `${template.name} (${template.pid})` }];
  });
}
