// What of a registered item stands in reports: little, for there may be two thousand of them.
import type { RegisteredItem } from './item.js';
import { searchTextsOf } from './item-types/index.js';
import { at, textAt } from './item-types/places.js';
import { shortened } from './text-rules.js';

/** What a model run says of itself. Items are named as its metadata names them: the reader may not be allowed to see them. */
export interface RunDetails {
  readonly start: string | null;
  readonly end: string | null;
  readonly template: string | null;
  readonly study: string | null;
  readonly modeller: string | null;
  readonly organisation: string | null;
  readonly annotations: readonly { readonly name: string; readonly value: string }[];
}

export interface ItemDetails {
  readonly pid: string;
  readonly description: string;
  readonly licence: string | null;
  readonly version: number;
  readonly isSeed: boolean;
  readonly isWithdrawn: boolean;
  readonly run: RunDetails | null;
}

const LONGEST_DESCRIPTION = 2_000;
const MOST_ANNOTATIONS = 50;

export function detailsOf(item: RegisteredItem): ItemDetails {
  const { pid, subtype, schemaVersion, metadata, version, recordType, withdrawn } = item;
  const described = metadata === null ? '' : searchTextsOf(subtype, schemaVersion, metadata).description;
  const tooLong = described.length > LONGEST_DESCRIPTION;
  return {
    pid,
    description: tooLong ? `${shortened(described, LONGEST_DESCRIPTION)}…` : described,
    licence: textAt(metadata, 'datasetInfo', 'license') ?? null,
    version,
    isSeed: recordType === 'SEED',
    isWithdrawn: withdrawn !== null,
    run: subtype === 'MODEL_RUN' ? runDetails(metadata) : null,
  };
}

function runDetails(metadata: unknown): RunDetails {
  const text = (...path: string[]): string | null => textAt(metadata, ...path) ?? null;
  const annotations = Object.entries((at(metadata, 'annotations') ?? {}) as object);
  return {
    start: text('startTime'),
    end: text('endTime'),
    template: text('workflowTemplateId'),
    study: text('studyId'),
    modeller: text('associations', 'modellerId'),
    organisation: text('associations', 'requestingOrganisationId'),
    annotations: annotations
      .slice(0, MOST_ANNOTATIONS)
      .map(([name, value]) => ({ name, value: String(value) })),
  };
}

/** What a run names in its metadata. */
export const namedBy = ({ template, study, modeller, organisation }: RunDetails): string[] =>
  [template, study, modeller, organisation].filter((reference) => reference !== null);
