// The keys of dictionaries in PROV-JSON: a list of literals, a list of pairs, or, where all keys are of one type, an object.
import type { DictionaryEntry, Value } from './document.js';
import { NAME_TYPES, plainType, STRING } from './literals.js';
import type { Compactor, Namespaces } from './namespaces.js';
import { escaped } from './places.js';
import { nameAt, objectAt, readName, readValue, severalAt, typeAt } from './prov-json-values.js';
import { keysOf, type StatementKind } from './terms.js';

const PAIRS = 'prov:key-entity-set';
const KEYS = 'prov:key-set';
const KEY = 'prov:key';
/** In an object of pairs, what type the keys are of. */
const TYPE = '$key-datatype';

const HELD = { key: [PAIRS, KEY], keys: [KEYS], pairs: [PAIRS] } as const;

/** Whether a record of this kind says its keys under this word. */
export function holdsEntries(kind: StatementKind, word: string): boolean {
  const keys = keysOf(kind);
  return keys !== undefined && (HELD[keys] as readonly string[]).includes(word);
}

export function readEntries(
  place: string,
  word: string,
  given: unknown,
  namespaces: Namespaces,
): readonly DictionaryEntry[] {
  if (word !== PAIRS)
    return severalAt(place, given).map(([at, key]) => ({ key: readValue(at, key, namespaces) }));
  if (!Array.isArray(given)) return readObject(place, given, namespaces);
  return severalAt(place, given).map(([at, pair]) => {
    const { key, $: entity } = objectAt(at, pair, 'a pair is an object {"key", "$"}');
    return {
      key: readValue(`${at}/key`, key, namespaces),
      ...(entity === undefined ? {} : { entity: readName(`${at}/$`, entity, namespaces) }),
    };
  });
}

function readObject(place: string, given: unknown, namespaces: Namespaces): DictionaryEntry[] {
  const { [TYPE]: type, ...pairs } = objectAt(place, given, 'must be a list of pairs or an object');
  const datatype = type === undefined ? STRING : typeAt(`${place}/${TYPE}`, type, namespaces);
  return Object.entries(pairs).map(([text, entity]) => {
    const at = `${place}/${escaped(text)}`;
    const key: Value = NAME_TYPES.includes(datatype)
      ? { iri: nameAt(at, text, namespaces) }
      : { text, datatype: plainType(datatype) };
    return { key, entity: readName(at, entity, namespaces) };
  });
}

/** As `[word, value]` of the record. */
export function writeEntries(
  kind: StatementKind,
  entries: readonly DictionaryEntry[],
  writeValue: (value: Value) => unknown,
  names: Compactor,
): (readonly [string, unknown])[] {
  const keys = keysOf(kind);
  if (keys === undefined || entries.length === 0) return [];
  if (keys === 'keys') return [[KEYS, entries.map(({ key }) => writeValue(key))]];
  const pairOf = ({ key, entity }: DictionaryEntry): object => ({
    key: writeValue(key),
    ...(entity === undefined ? {} : { $: names.compact(entity) }),
  });
  return [[PAIRS, entries.map(pairOf)]];
}
