// Takes a job's secrets out of everything that the job says: its log, its progress, its errors, its result.
import { createWordFinder, type Found } from './word-finder.js';

export interface MaskedStream {
  /** What can be told by now: the beginning of a secret is held back until it is one, or none. */
  push(piece: string): string;
  /** What was held back. Where the text was broken off, by a kill or a limit, it may be most of a secret: then it is hidden. */
  end(): string;
}

export interface Mask {
  text(text: string): string;
  /** The same for JSON text: looks through escapes, and what it gives is JSON again. */
  json(text: string): string;
  stream(): MaskedStream;
}

/** Shorter values are too likely to be part of something else: masking `1` would tell more than it hides. */
export const MIN_MASKED_LENGTH = 4;
const SHOWN = '***';

const NOTHING: Mask = {
  text: (text) => text,
  json: (text) => text,
  stream: () => ({ push: (piece) => piece, end: () => '' }),
};

export function createMask(secrets: readonly string[]): Mask {
  // A secret of several lines is often printed with something before each.
  const words = [...new Set(secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]))];
  const masked = words.filter((word) => word.length >= MIN_MASKED_LENGTH);
  if (masked.length === 0) return NOTHING;
  const startSearch = createWordFinder(masked);

  const start = () => {
    const search = startSearch();
    let held = '';
    let heldFrom = 0;
    let hiddenTo = 0;
    let waiting: Found[] = [];

    const tell = (until: number): string => {
      const at = (position: number): number => position - heldFrom;
      let told = '';
      let from = Math.max(heldFrom, hiddenTo);
      waiting.sort((one, other) => one.start - other.start);
      for (const { start, end } of waiting) {
        if (start >= until) break;
        if (start > from) told += held.slice(at(from), at(start));
        // What overlaps is hidden as one.
        if (start >= hiddenTo) told += SHOWN;
        hiddenTo = Math.max(hiddenTo, end);
        from = Math.max(from, hiddenTo);
      }
      if (from < until) told += held.slice(at(from), at(until));
      waiting = waiting.filter(({ start }) => start >= until);
      held = held.slice(at(until));
      heldFrom = until;
      return told;
    };

    return {
      push(piece: string): string {
        held += piece;
        waiting.push(...search.push(piece));
        return tell(heldFrom + held.length - search.open());
      },
      rest: (): string => tell(heldFrom + held.length),
      open: search.open,
    };
  };
  const stream = (): MaskedStream => {
    const { push, rest, open } = start();
    return { push, end: () => (open() < MIN_MASKED_LENGTH ? rest() : SHOWN) };
  };
  const text = (whole: string): string => {
    const { push, rest } = start();
    return push(whole) + rest();
  };
  return { text, stream, json: (whole) => maskJson(whole, text) };
}

/** Token by token, without building the value: what holds no secret stays as it was written. */
function maskJson(json: string, mask: (text: string) => string): string {
  let told = '';
  for (let from = 0; from < json.length;) {
    const end = endOfToken(json, from);
    const token = json.slice(from, end);
    told += isQuoted(token) ? maskString(token, mask) : maskLiteral(token, mask);
    from = end;
  }
  return told;
}

const isQuoted = (token: string): boolean => token.startsWith('"');

function maskString(token: string, mask: (text: string) => string): string {
  const value = JSON.parse(token) as string;
  const masked = mask(value);
  return masked === value ? token : JSON.stringify(masked);
}

/** A number that holds a secret becomes a string. */
function maskLiteral(token: string, mask: (text: string) => string): string {
  return mask(token) === token ? token : JSON.stringify(SHOWN);
}

const BETWEEN = new Set([' ', '\n', '\r', '\t', ',', ':', '[', ']', '{', '}']);

function endOfToken(json: string, from: number): number {
  let end = from + 1;
  if (json[from] === '"') {
    while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
    return end + 1;
  }
  if (BETWEEN.has(json[from] as string)) return end;
  while (end < json.length && json[end] !== '"' && !BETWEEN.has(json[end] as string)) end += 1;
  return end;
}
