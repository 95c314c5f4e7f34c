// Rules that several types share and that JSON Schema cannot say. They are silent about what is not there or of another shape.
import type { MetadataRule, Violation } from './item-type.js';
import { placesOf, textAt } from './places.js';

/** No two places of the patterns hold the same text; the later ones are at fault. */
export const differ =
  (what: string, ...patterns: readonly string[]): MetadataRule =>
  (metadata) => {
    const seen = new Map<string, readonly string[]>();
    const violations: Violation[] = [];
    for (const { path, value } of patterns.flatMap((pattern) => placesOf(metadata, pattern))) {
      if (typeof value !== 'string') continue;
      const first = seen.get(value);
      if (first === undefined) seen.set(value, path);
      else
        violations.push({ path, message: `${what} stands at ${first.join('.')} already; name each once.` });
    }
    return violations;
  };

/** The end is not before the start; both are dates, or both instants. */
export const inOrder =
  (start: readonly string[], end: readonly string[], what: string): MetadataRule =>
  (metadata) => {
    const from = Date.parse(textAt(metadata, ...start) ?? '');
    const to = Date.parse(textAt(metadata, ...end) ?? '');
    // What is no time is told by the schema; comparing it says false.
    return from > to
      ? [{ path: end, message: `${what} is before ${start.join('.')}; it is the same or later.` }]
      : [];
  };

/** The text at the pattern passes; `problem` says what is wrong with it, or nothing. */
export const sound =
  (pattern: string, problem: (text: string) => string | undefined): MetadataRule =>
  (metadata) =>
    placesOf(metadata, pattern).flatMap(({ path, value }) => {
      const message = typeof value === 'string' ? problem(value) : undefined;
      return message === undefined ? [] : [{ path, message }];
    });
