// Numbers become doubles wherever JSON is read, here and behind here. One that would become another number is refused
// where its text is still there to be looked at.
import { endOfString } from './json-depth.js';

export interface LostNumber {
  readonly written: string;
  /** Keys and places that lead to it. */
  readonly path: readonly (string | number)[];
}

/** Whole numbers stay exactly what they are, others are rounded as doubles are; none becomes infinite, or nothing. */
export function isKept(written: string): boolean {
  const value = Number(written);
  if (!Number.isFinite(value)) return false;
  if (/^-?\d+$/.test(written)) return Number.isSafeInteger(value) || BigInt(value) === BigInt(written);
  return value !== 0 || /^-?[0.]+(?:e|$)/i.test(written);
}

export const messageOfLost = (written: string, where: string): string =>
  `The number ${written.length > 40 ? `${written.slice(0, 40)}…` : written} in ${where} would change: numbers are doubles here, with whole numbers exact up to 9007199254740991. Send it as a string.`;

const SUSPECT = /\d{16}|\d[eE]/;
const NUMBER = /-?\d[\d.eE+-]*/y;
const KEY_ENDS = /\s*:/y;

/** The first number of a JSON text, which must be well-formed, that would not stay what it is. */
export function lostNumber(json: string): LostNumber | undefined {
  if (!SUSPECT.test(json)) return undefined;
  const path: (string | number)[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json.charAt(at);
    const last = path.at(-1);
    if (character === '"') {
      const end = endOfString(json, at);
      KEY_ENDS.lastIndex = end + 1;
      if (KEY_ENDS.test(json)) path[path.length - 1] = JSON.parse(json.slice(at, end + 1)) as string;
      at = end;
    } else if (character === '{') path.push('');
    else if (character === '[') path.push(0);
    else if (character === '}' || character === ']') path.pop();
    else if (character === ',' && typeof last === 'number') path[path.length - 1] = last + 1;
    else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = at;
      const written = NUMBER.exec(json)?.[0] ?? character;
      if (!isKept(written)) return { written, path };
      at += written.length - 1;
    }
  }
  return undefined;
}
