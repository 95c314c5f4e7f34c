/** `line 3, column 14`, both from 1. Asked from left to right; each line's end is looked for once. */
export function createPlaces(text: string): (at: number) => string {
  let line = 1;
  let lineAt = 0;
  let end = text.indexOf('\n');
  return (at) => {
    while (end >= 0 && end < at) {
      line += 1;
      lineAt = end + 1;
      end = text.indexOf('\n', lineAt);
    }
    return `line ${line}, column ${at - lineAt + 1}`;
  };
}

/** A name as a step of a JSON Pointer (RFC 6901). */
export const escaped = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');

/** Half of a character: nobody can store such a text, or send it, and get it back. */
const HALF = /\p{Cs}/u;
export const isWhole = (text: string): boolean => !HALF.test(text);
/** Where the first of them is, or -1. */
export const halfAt = (text: string): number => text.search(HALF);
