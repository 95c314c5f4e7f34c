// Rules for the texts that people give to things. Each returns what is wrong with the text, or nothing.
import { userError, type UserError } from '@weft/errors';

export const MAX_NAME_LENGTH = 80;
export const MAX_DESCRIPTION_LENGTH = 4_000;

const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\n\r\t]/u;

/** The name of a user or an organization: at most {@link MAX_NAME_LENGTH} characters. */
export const displayNameProblems = (name: string, ...path: string[]): UserError[] =>
  nameProblems(name, MAX_NAME_LENGTH, ...path);

/** A name for people: not blank, no control characters, not too long. */
export function nameProblems(name: string, longest: number, ...path: string[]): UserError[] {
  const fits = name.trim() === name && name !== '' && name.length <= longest && !CONTROL.test(name);
  return fits && name.isWellFormed()
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          `A name has 1 to ${longest} characters, no control characters and no space at its ends.`,
          ...path,
        ),
      ];
}

/** A longer text for people, which may have several lines. */
export function descriptionProblems(description: string, ...path: string[]): UserError[] {
  const fits = description.length <= MAX_DESCRIPTION_LENGTH && !CONTROL_BUT_LINES.test(description);
  return fits && description.isWellFormed()
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          `A description has at most ${MAX_DESCRIPTION_LENGTH} characters and no control characters but line ends and tabs.`,
          ...path,
        ),
      ];
}

/** Whether a stored text can equal this one; PostgreSQL does not even take the others as arguments. */
export const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
