// What is to be in an item: judged all at once, so that whoever wrote it sees everything that is wrong.
import { refuse, userError, type UserError } from '@weft/errors';
import type { RegisteredSubtype } from '../domain/node.js';
import { normalizeReference, type ItemContent } from '../domain/item.js';
import {
  checkMetadata,
  currentSchema,
  displayNameOf,
  itemTypeOf,
  mentionsOf,
  referencesOf,
  schemaOf,
  searchTextsOf,
  soundPlaces,
  type NamedItem,
} from '../domain/item-types/index.js';
import { keptTags, nameProblems, shortened, tagProblems } from '../domain/text-rules.js';
import type { FoundBy, ItemWork, KnownItem } from './item-ports.js';

export type Metadata = Readonly<Record<string, unknown>>;

export interface GivenContent {
  readonly name: string | null;
  readonly metadata: Metadata | null;
  readonly schemaVersion: number | null;
  readonly tags: readonly string[];
}

/** Refuses types that only the registry writes, and versions of schemas that there are not. */
export function schemaVersionFor(subtype: RegisteredSubtype, wanted: number | null): number {
  if (itemTypeOf(subtype).writtenBy === 'REGISTRY')
    refuse(
      'BAD_USER_INPUT',
      `Items of the type ${subtype} are written by the registry's own workflows.`,
      'input',
      'subtype',
    );
  const version = wanted ?? currentSchema(subtype).version;
  if (schemaOf(subtype, version) === undefined)
    refuse(
      'BAD_USER_INPUT',
      `The type ${subtype} has no schema of version ${version}; itemType(subtype) lists them.`,
      'input',
      'schemaVersion',
    );
  return version;
}

/**
 * The content as it is stored, or everything that is wrong with it.
 * @param before what it is to take the place of: it may go on naming what that names, whatever became of it since.
 */
export async function judgedContent(
  tx: ItemWork,
  principals: readonly string[],
  subtype: RegisteredSubtype,
  { name, metadata, schemaVersion, tags }: GivenContent & { readonly schemaVersion: number },
  before?: ItemContent,
): Promise<{ readonly content: ItemContent; readonly problems: readonly UserError[] }> {
  const misfits = metadata === null ? [] : checkMetadata(subtype, schemaVersion, metadata);
  const problems = [
    ...(name === null ? [] : nameProblems(name, 'input', 'name')),
    ...tagProblems(tags, 'input', 'tags'),
    ...misfits,
  ];
  if (metadata !== null) {
    const isSound = soundPlaces(misfits);
    const kept = new Set(
      before?.metadata == null
        ? []
        : referencesOf(subtype, before.schemaVersion, before.metadata).map(namedAs),
    );
    const named = referencesOf(subtype, schemaVersion, metadata).filter(({ path }) => isSound(path));
    problems.push(...(await referenceProblems(tx, principals, named, kept)));
  }
  const content = {
    // What it says of itself may be longer than a name.
    name:
      name ?? (metadata === null || problems.length > 0 ? '' : shortened(displayNameOf(subtype, metadata))),
    schemaVersion,
    metadata,
    tags: keptTags(tags),
  };
  return { content, problems };
}

/** An item in a place that takes these types. */
const namedAs = ({ item, subtypes }: NamedItem): string => [normalizeReference(item), ...subtypes].join(' ');

async function referenceProblems(
  tx: ItemWork,
  principals: readonly string[],
  references: readonly NamedItem[],
  kept: ReadonlySet<string>,
): Promise<UserError[]> {
  if (references.every((one) => one.onceIn === null && kept.has(namedAs(one)))) return [];
  const known = new Map<string, KnownItem>();
  const named = [...new Set(references.map(({ item }) => normalizeReference(item)))];
  for (const item of await tx.known(named, principals)) known.set(item.id, item).set(item.pid, item);
  const first = new Map<string, readonly string[]>();
  return references.flatMap((reference) => {
    const { path, item, subtypes, onceIn } = reference;
    const found = known.get(normalizeReference(item));
    const place = onceIn === null ? undefined : `${onceIn} ${found?.id ?? normalizeReference(item)}`;
    const before = place === undefined ? undefined : first.get(place);
    if (place !== undefined && before === undefined) first.set(place, path);
    const problem =
      before === undefined
        ? kept.has(namedAs(reference))
          ? undefined
          : problemOf(found, subtypes)
        : `This item is named at ${before.join('.')} already; name each once.`;
    return problem === undefined
      ? []
      : [userError('ITEM_REFERENCE_INVALID', problem, 'input', 'metadata', ...path)];
  });
}

function problemOf(item: KnownItem | undefined, subtypes: readonly string[]): string | undefined {
  if (item === undefined) return 'No item with this id or pid exists that you may see.';
  if (!subtypes.includes(item.subtype))
    return `This is an item of the type ${item.subtype}; here belongs ${subtypes.join(' or ')}.`;
  if (!item.isComplete) return 'This item is a seed: complete it first.';
  return item.isWithdrawn ? 'This item was withdrawn.' : undefined;
}

export function foundBy(
  subtype: RegisteredSubtype,
  { schemaVersion, metadata, tags }: Omit<ItemContent, 'name'>,
): FoundBy {
  if (metadata === null) return { keywords: tags.join(' '), description: '', rest: '', mentions: [] };
  const texts = searchTextsOf(subtype, schemaVersion, metadata);
  return {
    ...texts,
    keywords: [texts.keywords, ...tags].join(' '),
    mentions: mentionsOf(subtype, schemaVersion, metadata),
  };
}
