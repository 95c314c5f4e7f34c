// Whether a value is JSON that can be stored and is small enough to be looked at any further. Never recurses: what it reads may
// be as deep as a stranger likes.
import type { Violation } from './item-type.js';

/** Of the JSON in UTF-8; with its envelope an event that carries it stays within the 256 KB of a message. */
export const MAX_METADATA_BYTES = 256_000;
export const MAX_METADATA_DEPTH = 12;

const MAX_TOLD = 20;
// PostgreSQL takes neither the character U+0000 nor the half of a surrogate pair.
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

interface Node {
  readonly value: unknown;
  readonly path: readonly string[];
}

export function shapeViolations(metadata: unknown): Violation[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    return [{ path: [], message: 'Metadata is a JSON object.' }];
  const violations: Violation[] = [];
  const open: Node[] = [{ value: metadata, path: [] }];
  let bytes = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { value, path } = node;
    if (path.length >= MAX_METADATA_DEPTH)
      return [{ path, message: `Metadata is nested at most ${MAX_METADATA_DEPTH} levels deep.` }];
    const problem = problemOf(value);
    if (problem !== undefined) violations.push({ path, message: problem });
    else if (typeof value === 'object' && value !== null)
      for (const [name, child] of Object.entries(value)) {
        if (isStorable(name) && name !== '__proto__') open.push({ value: child, path: [...path, name] });
        else
          violations.push({
            path,
            message: 'A name holds characters that cannot be stored, or is __proto__.',
          });
        bytes += name.length + 1;
      }
    bytes += typeof value === 'string' ? value.length : 1;
    // Before all is walked: there are always at least as many bytes as characters.
    if (bytes > MAX_METADATA_BYTES) return [tooLarge];
    if (violations.length >= MAX_TOLD) break;
  }
  if (violations.length > 0) return violations;
  return Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES ? [tooLarge] : [];
}

const tooLarge: Violation = {
  path: [],
  message: `Metadata has at most ${MAX_METADATA_BYTES / 1_000} kB as JSON; keep large things in files.`,
};

function problemOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return isStorable(value)
        ? undefined
        : 'A text holds U+0000 or half of a surrogate pair, which cannot be stored.';
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : 'This is no number of JSON.';
    case 'object': {
      if (value === null || Array.isArray(value)) return undefined;
      const kind: unknown = Object.getPrototypeOf(value);
      return kind === Object.prototype || kind === null ? undefined : 'This is no JSON.';
    }
    default:
      return 'This is no JSON.';
  }
}
