import { AppError } from '@weft/errors';

/** A message is for people: what a document makes long is cut. */
const LONGEST = 200;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/**
 * What stands at `place` cannot be read.
 * @param place a JSON Pointer (RFC 6901), or line and column.
 * @param next what the writer of the document can do about it.
 */
export function malformed(place: string, what: string, next = ''): AppError {
  const where = place === '' ? 'The document' : cut(place);
  const advice = next === '' ? '' : ` ${next}`;
  return new AppError('PROV_MALFORMED', `${where}: ${cut(what)}.${advice}`, { place: cut(place) });
}

/** What to do about a blank name where only an IRI says something. */
export const GIVE_IRI = 'Give it a name with a prefix.';
