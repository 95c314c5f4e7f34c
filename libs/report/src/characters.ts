/** XML 1.0 has no way to write most of these, and none of them is text; JavaScript's strings may hold half an emoji. */
const UNWRITABLE = /(?![\n\t])[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** The text as every format can carry it: what cannot be written becomes U+FFFD, so that its absence is seen. */
export const writable = (text: string): string =>
  text.replaceAll(/\r\n?/g, '\n').replaceAll(UNWRITABLE, '\ufffd');

const RIGHT_TO_LEFT =
  '[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]';
const STARTS_SO = new RegExp(`^\\P{L}*${RIGHT_TO_LEFT}`, 'u');
/** Words written from right to left, with the spaces, digits and marks between them. */
const WRITTEN_SO = new RegExp(`${RIGHT_TO_LEFT}(?:\\P{L}*${RIGHT_TO_LEFT})*`, 'gu');

/** Whether its first letter is of a script that is written from right to left. */
export const isRightToLeft = (text: string): boolean => STARTS_SO.test(text);

export interface Piece {
  readonly text: string;
  readonly rightToLeft: boolean;
}

/** The text in pieces of one direction each: Word has to be told, browsers find out themselves. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const add = (from: number, to: number, rightToLeft: boolean): void => {
    if (to > from) pieces.push({ text: text.slice(from, to), rightToLeft });
  };
  let at = 0;
  for (const match of text.matchAll(WRITTEN_SO)) {
    add(at, match.index, false);
    at = match.index + match[0].length;
    add(match.index, at, true);
  }
  add(at, text.length, false);
  return pieces;
}
