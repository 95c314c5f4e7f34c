// How texts become the words that searches compare: stemmed as English, and none left out, so that a word is found in whichever
// field it stands and excluded in all of them. What is stored and what is asked must go the same way (migration 0012).

/** @param text SQL of a text. */
export const wordsOf = (text: string): string => `to_tsvector('item_words', ${text})`;

/** @param text SQL of what somebody types: quotes keep words together, `or` allows either, a minus excludes one. */
export const wordsAsked = (text: string): string => `websearch_to_tsquery('item_words', ${text})`;

const SEED = '!seed';

/** Marks of an item beside its words; no text has words that begin like them. @param tags, recordType SQL of them. */
export const marksOf = (tags: string, recordType: string): string =>
  `array_to_tsvector(array(select '#' || tag from unnest(${tags}) as given (tag))
      || case ${recordType} when 'SEED' then array['${SEED}'] else '{}' end)`;

const quoted = (mark: string): string => `'${mark.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** The value of a tsquery for items with this tag. */
export const tagged = (tag: string): string => quoted(`#${tag}`);

/** The same for seeds, or for all that are none. */
export const ofRecordType = (recordType: 'SEED' | 'COMPLETE'): string =>
  recordType === 'SEED' ? quoted(SEED) : `!${quoted(SEED)}`;
