// What of an imported document becomes nodes, records and relations, and what of it may not.
import { rolesOf } from '../domain/access.js';
import type { EdgeDetail } from '../domain/edge-detail.js';
import type { ImportedDetail, ImportedDocument, ImportedSet } from '../domain/imported-document.js';
import type { ImportedThing } from '../domain/imported-things.js';
import { agentsOf } from '../domain/lodged-activity.js';
import { referenceOfIri } from '../domain/node-iri.js';
import type { Relation } from '../domain/node.js';
import type { ReadNotation } from '../domain/prov-document.js';
import { identity, type NodeStatement } from '../domain/statement.js';
import type {
  ImportPorts,
  ImportWork,
  NamedNode,
  NamedThing,
  NewImport,
  StatedEdge,
} from './import-ports.js';
import type { Writer } from './item-rights.js';
import { shortened } from '../domain/text-rules.js';

export interface ImportStory {
  readonly organizationId: string;
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
  readonly notation: ReadNotation;
  readonly writer: Writer;
  readonly document: ImportedDocument;
}

/** A thing of the document as a node of the graph. */
export interface PlacedThing {
  readonly id: string;
  /** What is to be written; undefined: it is there, and stays as it is. */
  readonly node?: NodeStatement;
  /** Whether the import may say where it came from, by this relation. */
  readonly takes: (relation: Relation) => boolean;
}

/** Where each thing belongs: what the importer may read of ours is that, all else is the organization's thing of that name. */
export async function placedThings(
  { idOf, pidBase }: ImportPorts,
  tx: ImportWork,
  story: ImportStory,
): Promise<PlacedThing[]> {
  const { document, writer } = story;
  const references = document.things.map(({ iri }) => referenceOfIri(iri, pidBase));
  const ours = await tx.named([...new Set(references)], writer.principals);
  return document.things.map((thing, at) => {
    const known = ours.get(references[at] ?? '');
    // What is an activity is nothing else; of another kind, it is not ours that is meant.
    if (known !== undefined && (known.kind === 'ACTIVITY') === (thing.kind === 'ACTIVITY'))
      return { id: known.id, takes: (relation) => mayBeSaid(known, story, relation) };
    const node = importedNode(thing, story);
    return { id: idOf(node.identity), node, takes: () => true };
  });
}

/**
 * Nobody's word goes before that of who knows: of what the platform recorded an import says nothing, of a registered item
 * only where its writer may write it, and never what made it, for that is said once.
 */
function mayBeSaid(
  { subtype, organizationId, item }: NamedNode,
  story: ImportStory,
  relation: Relation,
): boolean {
  if (organizationId !== story.organizationId) return false;
  if (item === null) return subtype === 'IMPORTED';
  const isOpen = item.withdrawn === null && !item.locked;
  return (
    isOpen && relation !== 'WAS_GENERATED_BY' && rolesOf(story.writer.principals, item).has('METADATA_WRITE')
  );
}

function importedNode(thing: ImportedThing, { organizationId, sha256 }: ImportStory): NodeStatement {
  const { iri, kind, name, described, facts } = thing;
  // A blank name means nothing outside of its document.
  const what = iri.startsWith('_:') ? `${sha256}/${iri}` : iri;
  return {
    identity: identity.imported(organizationId, what, kind === 'ACTIVITY'),
    ...{ kind, name, facts, organizationId },
    subtype: 'IMPORTED',
    isPublic: false,
    revision: described ? 1 : 0,
  };
}

/** The document's record, and one for each bundle. */
export function recordsOf(
  idOf: (identity: string) => string,
  { organizationId, name, sha256, text, notation, writer, document }: ImportStory,
  things: readonly PlacedThing[],
): NewImport[] {
  const parentId = idOf(identity.importedRecord(organizationId, sha256, null));
  return document.sets.map((set) => ({
    id: idOf(identity.importedRecord(organizationId, sha256, set.iri)),
    organizationId,
    name: set.iri === null ? name : shortened(`${name}: ${set.iri}`, LONGEST_NAME),
    lodgedBy: writer.userId,
    readers: [organizationId],
    statementCount: set.statementCount,
    source: set.iri === null ? { text, notation } : { parentId, bundle: set.iri },
    nodes: namedThings(set.things.map((at) => placed(things, at))),
    edges: statedEdges(set, things),
  }));
}

const LONGEST_NAME = 500;

/** Two names may be of one thing. Of what is ours the import tells nothing that is kept with it. */
function namedThings(things: readonly PlacedThing[]): NamedThing[] {
  const named = new Map<string, NamedThing>();
  for (const { id, node } of things) {
    if (named.get(id)?.told != null) continue;
    const { kind, name, facts, revision = 0 } = node ?? {};
    const isTold = kind !== undefined && name !== undefined && facts !== undefined && revision > 0;
    named.set(id, { id, told: isTold ? { kind, name, facts } : null });
  }
  return [...named.values()];
}

/** Relations of which the graph takes no statement are in the record's text only. */
function statedEdges({ edges }: ImportedSet, things: readonly PlacedThing[]): StatedEdge[] {
  const stated = new Map<string, StatedEdge & { readonly details: readonly EdgeDetail[] }>();
  for (const { from, relation, to, role, details } of edges) {
    const [source, target] = [placed(things, from), placed(things, to)];
    if (!source.takes(relation)) continue;
    const key = JSON.stringify([source.id, relation, target.id, role]);
    // Two names may be of one node.
    const all = [...(stated.get(key)?.details ?? []), ...details.map((one) => detailOf(one, things))];
    stated.set(key, { from: source.id, relation, to: target.id, role, detail: null, details: all });
  }
  return [...stated.values()].map(({ details, ...edge }) => {
    const [first, ...others] = details;
    return { ...edge, detail: { ...first, ...(others.length === 0 ? {} : { others }) } };
  });
}

const detailOf = (
  { plan, activity, ...rest }: ImportedDetail,
  things: readonly PlacedThing[],
): EdgeDetail => ({
  ...rest,
  ...(plan === undefined ? {} : { plan: placed(things, plan).id }),
  ...(activity === undefined ? {} : { activity: placed(things, activity).id }),
});

function placed(things: readonly PlacedThing[], at: number): PlacedThing {
  const thing = things[at];
  if (thing === undefined) throw new Error(`the document has no thing ${at}`);
  return thing;
}

/** Records as the things that they are: whose word they are, and of what they are a part. */
export function recordsThemselves(
  idOf: (identity: string) => string,
  story: ImportStory,
  records: readonly NewImport[],
): { readonly nodes: readonly NodeStatement[]; readonly edges: readonly Omit<StatedEdge, 'detail'>[] } {
  const { organizationId, sha256, writer, document } = story;
  const { user } = agentsOf({ organizationId, userId: writer.userId });
  const nodes = records.map(({ name }, at): NodeStatement => ({
    identity: identity.importedRecord(organizationId, sha256, document.sets[at]?.iri ?? null),
    kind: 'ENTITY',
    subtype: 'RECORD',
    organizationId,
    isPublic: false,
    revision: 1,
    name,
    facts: {},
  }));
  const edges = records.flatMap(({ id, source }): Omit<StatedEdge, 'detail'>[] => [
    { from: id, relation: 'WAS_ATTRIBUTED_TO', to: idOf(user.identity), role: '' },
    ...('parentId' in source
      ? [{ from: source.parentId, relation: 'HAD_MEMBER', to: id, role: '' } as const]
      : []),
  ]);
  return { nodes: [user, ...nodes], edges };
}
