import { userError, type UserError } from '@weft/errors';
import { MAX_NAME, MAX_REASON, MAX_TAG, MOST_TAGS } from './item.js';

const isPlain = (text: string): boolean =>
  text.isWellFormed() && ![...text].some((character) => character < ' ' || character === '\u007f');

/** Several lines are allowed where people explain themselves. */
const isProse = (text: string): boolean =>
  text.isWellFormed() &&
  ![...text].some(
    (character) => (character < ' ' && !'\n\t\r'.includes(character)) || character === '\u007f',
  );

/** As much of a text as a name may have; no character is cut in two. */
export function shortened(text: string, most: number = MAX_NAME): string {
  const cut = text.slice(0, most);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

export const nameProblems = (name: string, ...path: string[]): UserError[] =>
  name.trim() !== '' && name.length <= MAX_NAME && isPlain(name)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          `A name has 1 to ${MAX_NAME} characters and no control characters.`,
          ...path,
        ),
      ];

/** Why something was done; others will want to know. */
export const reasonProblems = (reason: string, ...path: string[]): UserError[] =>
  reason.trim() !== '' && reason.length <= MAX_REASON && isProse(reason)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          `Say why, in 1 to ${MAX_REASON} characters without control characters.`,
          ...path,
        ),
      ];

/** A text that may be empty. */
export const textProblems = (text: string, most: number, ...path: string[]): UserError[] =>
  text.length <= most && isProse(text)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          `This has at most ${most} characters, without control characters.`,
          ...path,
        ),
      ];

/** Tags as they are kept: without white space around them, each once. */
export const keptTags = (tags: readonly string[]): string[] => [...new Set(tags.map((tag) => tag.trim()))];

export function tagProblems(tags: readonly string[], ...path: string[]): UserError[] {
  const wrong = tags.flatMap((tag, at) =>
    tag.trim() !== '' && tag.length <= MAX_TAG && isPlain(tag)
      ? []
      : [
          userError(
            'BAD_USER_INPUT',
            `A tag has 1 to ${MAX_TAG} characters and no control characters.`,
            ...path,
            String(at),
          ),
        ],
  );
  if (tags.length > MOST_TAGS)
    wrong.push(userError('BAD_USER_INPUT', `An item has at most ${MOST_TAGS} tags.`, ...path));
  return wrong;
}
