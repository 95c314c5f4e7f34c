// What of an input is told for provenance beside its hashes: what items bring themselves, and which results went into it.
import { stepsReferredTo, type StepOutcome, type StepValues } from './workflow/result-references.js';

export const INPUT_PLACES = ['DATA', 'PARAMS', 'ITEMS'] as const;

/** Results of a job that went into an input by value. */
export interface ResultUse {
  readonly jobId: string;
  readonly place: (typeof INPUT_PLACES)[number];
  /** Its items, as runs of neighbours: `[first, last]`. */
  readonly items: readonly (readonly [number, number])[];
}

export interface InputTrace {
  /** SHA-256 of each item's own params, null for items that bring none; absent: none does. */
  readonly items?: readonly (string | null)[];
  readonly results?: readonly ResultUse[];
}

/** Runs of items that are told, of all uses of an input: far more than any workflow has unless every other item failed. */
const MOST_RUNS = 1_000;

/** Null where there is nothing to tell. */
export function traceOf(
  itemParams: readonly (string | null)[],
  sha256: (text: string) => string,
  results: readonly ResultUse[] = [],
): InputTrace | null {
  const items = itemParams.map((params) => (params === null ? null : sha256(params)));
  const own = items.some((item) => item !== null);
  if (!own && results.length === 0) return null;
  return { ...(own ? { items } : {}), ...(results.length === 0 ? {} : { results }) };
}

/** Which results by value the references of a template stand for. What is handed over as a file is told as that. */
export function resultsUsed(
  { data, params, items }: StepValues,
  outcomes: ReadonlyMap<string, StepOutcome>,
  jobOf: (step: string) => string | null | undefined,
): ResultUse[] {
  let room = MOST_RUNS;
  const usesIn = (place: ResultUse['place'], values: readonly (string | null)[]): ResultUse[] =>
    [...new Set(values.flatMap(stepsReferredTo))].flatMap((step) => {
      const jobId = jobOf(step);
      const runs = runsOf(outcomes.get(step)?.items ?? []).slice(0, room);
      if (jobId == null || runs.length === 0) return [];
      room -= runs.length;
      return [{ jobId, place, items: runs }];
    });
  return [...usesIn('DATA', [data]), ...usesIn('PARAMS', [params]), ...usesIn('ITEMS', items)];
}

function runsOf(items: StepOutcome['items']): [number, number][] {
  const runs: [number, number][] = [];
  items.forEach(({ result }, index) => {
    if (result === null) return;
    const last = runs.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}
