// Results of one step as inputs of another: `{"$from": "step"}` stands for the result of that step, with "path" (a JSON
// Pointer) for a part of it, and with "default" for what to take where there is none.
import type { JobState } from '@weft/contracts';

const MARK = '$from';
const FIELDS = new Set([MARK, 'path', 'default']);
const MAX_DEPTH = 200;
const POINTER = /^(\/([^~/]|~[01])*)*$/;

interface ResultReference {
  readonly from: string;
  readonly pointer: string;
  readonly fallback: { readonly value: unknown } | undefined;
}

export interface StepOutcome {
  readonly state: JobState | null;
  readonly items: readonly {
    /** JSON text; null where there is none, or only a file. */
    readonly result: string | null;
    readonly resultArtifactId: string | null;
  }[];
}

/** JSON texts, as a submission or an input has them. */
export interface StepValues {
  readonly data: string | null;
  readonly dataArtifactId: string | null;
  readonly params: string | null;
  readonly items: readonly (string | null)[];
}

/** What is wrong with a reference; said to people. */
export class UnusableReference extends Error {}

/** Cheap and never wrong in the direction that matters: a text without the mark has no reference. */
export const mayRefer = (json: string | null): json is string => json?.includes(`"${MARK}"`) === true;

function referenceOf(value: object): ResultReference | undefined {
  if (!Object.hasOwn(value, MARK)) return undefined;
  const { [MARK]: from, path = '', ...rest } = value as Record<string, unknown>;
  const odd = Object.keys(value).find((key) => !FIELDS.has(key));
  if (odd !== undefined)
    throw new UnusableReference(
      `An object with "${MARK}" has at most "path" and "default" beside it, not "${odd}".`,
    );
  if (typeof from !== 'string') throw new UnusableReference(`"${MARK}" is the key of a step.`);
  if (typeof path !== 'string' || !POINTER.test(path))
    throw new UnusableReference('"path" is a JSON Pointer such as /rows/0/name.');
  return { from, pointer: path, fallback: 'default' in rest ? { value: rest['default'] } : undefined };
}

/** Puts something else in the place of each reference. */
function replaced(value: unknown, replace: (reference: ResultReference) => unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new UnusableReference('A value with references is nested too deeply.');
  if (Array.isArray(value)) return value.map((one) => replaced(one, replace, depth + 1));
  const reference = referenceOf(value);
  if (reference !== undefined) return replace(reference);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, replaced(one, replace, depth + 1)]),
  );
}

/** The keys of the steps that a JSON text refers to. @throws {UnusableReference} */
export function stepsReferredTo(json: string | null): string[] {
  const keys = new Set<string>();
  if (mayRefer(json)) replaced(JSON.parse(json), ({ from }) => void keys.add(from));
  return [...keys];
}

/** Whether it stands for a result; the mark as a mere string does not. @throws {UnusableReference} */
export const isTemplate = (json: string | null): json is string => stepsReferredTo(json).length > 0;

/** @throws {UnusableReference} */
export const refersToResults = ({ data, params, items }: StepValues): boolean =>
  [data, params, ...items].some(isTemplate);

/**
 * The values with results in the places of the references.
 * @param maxBytes of each value; and all results that are put into them have no more than this together, however often
 * a large one is referred to.
 * @throws {UnusableReference}
 */
export function withResults(
  values: StepValues,
  outcomes: ReadonlyMap<string, StepOutcome>,
  maxBytes: number,
): StepValues {
  const results = createResults(outcomes);
  let room = maxBytes;
  const fill = (json: string | null): string | null => {
    if (!isTemplate(json)) return json;
    const filled = replaced(JSON.parse(json), (reference) => {
      const value = results.valueOf(reference);
      room -= Buffer.byteLength(JSON.stringify(value));
      if (room < 0) throw tooLarge(maxBytes);
      return value;
    });
    return JSON.stringify(filled);
  };
  const whole = isTemplate(values.data) ? results.wholeOf(JSON.parse(values.data)) : undefined;
  const given: StepValues = {
    ...(whole ?? { data: fill(values.data), dataArtifactId: values.dataArtifactId }),
    params: fill(values.params),
    items: values.items.map(fill),
  };
  const bytes = (json: string | null): number => (json === null ? 0 : Buffer.byteLength(json));
  const ofItems = given.items.reduce((sum, item) => sum + bytes(item), 0);
  if (Math.max(bytes(given.data), bytes(given.params), ofItems) > maxBytes) throw tooLarge(maxBytes);
  return given;
}

const tooLarge = (maxBytes: number): UnusableReference =>
  new UnusableReference(
    `With the results in it, the input has more than ${maxBytes} bytes; let the step write a file and pass it as the whole of data.`,
  );

function createResults(outcomes: ReadonlyMap<string, StepOutcome>) {
  const parsed = new Map<string, unknown>();
  const outcomeOf = (from: string): StepOutcome => outcomes.get(from) ?? { state: null, items: [] };

  const resultOf = (from: string): unknown => {
    if (parsed.has(from)) return parsed.get(from);
    const { items } = outcomeOf(from);
    if (items.some((item) => item.result === null && item.resultArtifactId !== null))
      throw new UnusableReference(
        `The result of step "${from}" is a file; it can only be the whole of data, of a step of one item.`,
      );
    const values = items.map(({ result }): unknown => (result === null ? null : JSON.parse(result)));
    const result = values.length === 1 ? values[0] : values;
    parsed.set(from, result);
    return result;
  };

  return {
    /** Where data is nothing but a reference to a whole result, it is handed over as it is, and may be a file. */
    wholeOf(value: unknown): Pick<StepValues, 'data' | 'dataArtifactId'> | undefined {
      const reference = typeof value === 'object' && value !== null ? referenceOf(value) : undefined;
      if (reference === undefined || reference.pointer !== '') return undefined;
      const [only, second] = outcomeOf(reference.from).items;
      if (only === undefined || second !== undefined) return undefined;
      if (only.result !== null) return { data: only.result, dataArtifactId: null };
      return only.resultArtifactId === null
        ? undefined
        : { data: null, dataArtifactId: only.resultArtifactId };
    },
    valueOf({ from, pointer, fallback }: ResultReference): unknown {
      const { state, items } = outcomeOf(from);
      const nothing = state !== 'SUCCEEDED' && items.every((item) => item.result === null);
      if (nothing) return fallback?.value ?? null;
      const found = partOf(resultOf(from), pointer);
      if (found !== undefined) return found;
      if (fallback !== undefined) return fallback.value;
      throw new UnusableReference(`The result of step "${from}" has nothing at ${pointer}.`);
    },
  };
}

/** RFC 6901; undefined where there is nothing. */
function partOf(value: unknown, pointer: string): unknown {
  let at = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    if (Array.isArray(at) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
