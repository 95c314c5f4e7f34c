// Whether a record fits its workflow template, and what it names. Everything that is wrong is told at once, each with its path
// from the record.
import type { Violation } from './item-types/item-type.js';
import { at, textAt } from './item-types/places.js';
import { resourcePathProblem } from './item-types/dataset-template.js';
import {
  SIDES,
  type FilledSlot,
  type ModelRunRecord,
  type Side,
  type TemplatedDataset,
  type ToldRun,
} from './model-run.js';

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

/** What the rules of templates judge; a side that is none is told by the schema. */
export interface JudgedParts extends Pick<ModelRunRecord, 'annotations'> {
  readonly inputs?: ModelRunRecord['inputs'];
  readonly outputs?: ModelRunRecord['outputs'];
}

/** Of a record of any shape. Everything keeps its place; what is no text is as if it were not there. */
export function judgedParts(record: unknown): JudgedParts {
  const parts: { -readonly [name in keyof JudgedParts]: JudgedParts[name] } = {
    annotations: textsAt(record, 'annotations'),
  };
  for (const side of SIDES) {
    const given = at(record, side);
    if (Array.isArray(given))
      parts[side] = given.map((one) => ({
        datasetTemplateId: textAt(one, 'datasetTemplateId') ?? '',
        datasetId: textAt(one, 'datasetId') ?? '',
        resources: textsAt(one, 'resources'),
      }));
  }
  return parts;
}

const textsAt = (value: unknown, name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(at(value, name) ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

/** Rules that need the template. */
export function templateViolations(
  record: JudgedParts,
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
    ...inputViolations(record, named),
    ...outputViolations(record, named),
  ];
}

const UNSEEN = 'an item that you may not see';

function slotViolations(record: JudgedParts, template: NamedItem, side: Side, named: Named): Violation[] {
  const given = record[side];
  if (given === undefined) return [];
  const slots = new Map(
    templateOf(template)[TEMPLATES_OF[side]].map((slot) => [
      named(slot.templateId)?.id ?? slot.templateId,
      slot,
    ]),
  );
  const filled = new Set<string>();
  const violations: Violation[] = [];
  given.forEach((one, index) => {
    const item = named(one.datasetTemplateId);
    if (item?.metadata == null || item.subtype !== 'DATASET_TEMPLATE') return;
    if (slots.has(item.id)) filled.add(item.id);
    else
      violations.push({
        path: [side, `${index}`, 'datasetTemplateId'],
        message: `The workflow template has no slot "${item.name}" among its ${side}.`,
      });
    violations.push(...resourceViolations(one, item, [side, `${index}`, 'resources']));
  });
  for (const [id, { optional }] of slots)
    if (optional !== true && !filled.has(id)) {
      const slot = named(id);
      const what = slot === undefined ? UNSEEN : `"${slot.name}" (${slot.pid})`;
      violations.push({ path: [side], message: `Nothing fills the required slot ${what}.` });
    }
  return violations;
}

function resourceViolations(
  { resources: given = {} }: TemplatedDataset,
  item: NamedItem,
  path: readonly string[],
): Violation[] {
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

/** What a template asks for must be there; a run may note anything else, too. */
function annotationViolations({ annotations = {} }: JudgedParts, template: NamedItem): Violation[] {
  const { required = [] } = templateOf(template).annotations ?? {};
  return required
    .filter((name) => (textAt(annotations, name) ?? '').trim() === '')
    .map((name) => ({ path: ['annotations'], message: `The annotation "${name}" is required.` }));
}

/** A slot has as many datasets as the run says, each once. */
function inputViolations({ inputs = [] }: JudgedParts, named: Named): Violation[] {
  const places = new Map<string, number>();
  return inputs.flatMap(({ datasetTemplateId, datasetId }, index) => {
    const [template, dataset] = [named(datasetTemplateId), named(datasetId)];
    if (template === undefined || dataset === undefined) return [];
    const what = `${template.id} ${dataset.id}`;
    const first = places.get(what) ?? index;
    places.set(what, first);
    return first === index
      ? []
      : [
          {
            path: ['inputs', `${index}`, 'datasetId'],
            message: `inputs.${first} has this dataset for this slot already; name it once.`,
          },
        ];
  });
}

/** What a run makes is new: it was not there before, and nothing else made it. */
function outputViolations({ inputs = [], outputs = [] }: JudgedParts, named: Named): Violation[] {
  const places = new Map<string, string>();
  inputs.forEach(({ datasetId }, index) => places.set(named(datasetId)?.id ?? '', `inputs.${index}`));
  const violations: Violation[] = [];
  outputs.forEach(({ datasetId }, index) => {
    const item = named(datasetId);
    if (item?.subtype !== 'DATASET') return;
    const say = (message: string): void =>
      void violations.push({ path: ['outputs', `${index}`, 'datasetId'], message });
    const place = places.get(item.id);
    if (place !== undefined)
      say(`This dataset stands at ${place} already; what a run makes is another one, or a new version.`);
    if (item.isGenerated) say('Another run or job made this dataset already; one thing makes a dataset.');
    if (!item.isWritable)
      say(
        'Saying what made a dataset needs the role METADATA_WRITE on it. Ask for it with requestItemAccess.',
      );
    places.set(item.id, `outputs.${index}`);
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
  const slots = new Map(record[side].map(({ datasetTemplateId: id }) => [named(id)?.id, named(id)]));
  const names = Map.groupBy(slots.values(), (slot) => slot?.name);
  return record[side].flatMap(({ datasetTemplateId, datasetId }) => {
    const [template, dataset] = [named(datasetTemplateId), named(datasetId)];
    if (template === undefined || dataset === undefined) return [];
    const isOnly = names.get(template.name)?.length === 1;
    return [{ datasetId: dataset.id, role: isOnly ? template.name : `${template.name} (${template.pid})` }];
  });
}
