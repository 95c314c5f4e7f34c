import type { Tx } from '@weft/database';
import type { Outcome } from '@weft/errors';
import type { Description } from '../domain/description.js';
import type { KeptJob } from '../domain/finished-job.js';
import type { RecordType } from '../domain/item.js';
import type { Direction } from '../domain/lineage.js';
import type { Activity, Item, ItemSubtype, ProvenanceNode, Relation } from '../domain/node.js';
import type { ImportedDocument } from '../domain/imported-document.js';
import type {
  Checked,
  Notation,
  ProvDocument,
  ReadNotation,
  ViolationPage,
} from '../domain/prov-document.js';
import type { Statements } from '../domain/statement.js';

export interface Transactions {
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Remembers which messages were heard, inside the transaction of their effect. */
export interface Inbox {
  /** True for the first time only. */
  firstHearing(tx: Tx, consumer: string, messageId: string): Promise<boolean>;
  /** Those that are heard for the first time. */
  firstHearings(tx: Tx, consumer: string, messageIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface ProvenanceWriter {
  /** Writes each statement once; the order in which they come changes nothing. */
  record(tx: Tx, statements: Statements): Promise<void>;
  /** Joins files of data pools with what other organizations' jobs, which used them from there, call them. */
  joinPoolFiles(tx: Tx, used: readonly UsedFile[]): Promise<void>;
  /** Adds to the nodes that name these subjects, to those that are there and to those that will come. */
  describe(tx: Tx, descriptions: readonly Description[]): Promise<void>;
  /** What people did with these jobs, as far as it was told; nothing more is told until this transaction ends. */
  keptJobs(tx: Tx, jobIds: readonly string[]): Promise<ReadonlyMap<string, KeptJob>>;
  /** What was done with several jobs, also several times with one, in any order. */
  keepJobs(tx: Tx, changes: readonly JobKeeping[]): Promise<void>;
}

/** A stored file as a job of an organization names it. */
export interface UsedFile {
  readonly organizationId: string;
  readonly artifactId: string;
}

/** What people did with the record of a job; the job itself may not be recorded yet. */
export interface JobKeeping extends KeptJob {
  readonly jobId: string;
  readonly revision: number;
}

/** A place in a list: the sort key of the last row seen, as the list's cursor carries it. */
export type Position = readonly (string | number)[];

/** Hops in these roles only, or in any but these. */
export type RoleFilter = { readonly only: readonly string[] } | { readonly without: readonly string[] };

export interface HopRequest {
  readonly direction: Direction;
  /** Absent: every relation. */
  readonly relation: Relation | undefined;
  /** Absent: every role. */
  readonly role?: RoleFilter | undefined;
  readonly first: number;
  readonly after: Position | undefined;
}

export interface Hop<N extends ProvenanceNode = ProvenanceNode> {
  readonly relation: Relation;
  readonly role: string;
  readonly node: N;
}

export interface ItemFilter {
  readonly organizationId?: string | undefined;
  readonly subtype?: ItemSubtype | undefined;
  /** Results of this job. */
  readonly jobId?: string | undefined;
  readonly text?: string | undefined;
  readonly recordType?: RecordType | undefined;
  readonly tag?: string | undefined;
  /** Normalized id or pid of what they name. */
  readonly references?: string | undefined;
}

export const ITEM_ORDERS = [
  'NEWEST',
  'OLDEST',
  'LAST_UPDATED',
  'FIRST_UPDATED',
  'NAME',
  'NAME_DESCENDING',
] as const;
export type ItemOrder = (typeof ITEM_ORDERS)[number];

export interface ItemsRequest {
  readonly filter: ItemFilter;
  readonly order: ItemOrder;
  readonly first: number;
  readonly after: Position | undefined;
}

export interface ListedItem {
  readonly node: Item;
  readonly position: Position;
}

/** Who asks, as the principals whose rights are his, and the organizations that he is a member of. */
export interface Viewer {
  readonly principals: readonly string[];
  readonly organizations: readonly string[];
}

/** Reads of provenance. Every one is bounded to what the viewer may read, inside the query; lists give one row more than asked when there is more. */
export interface ProvenanceReader {
  nodes(viewer: Viewer, ids: readonly string[]): Promise<ProvenanceNode[]>;
  /** The recorded activities of these jobs; a job that is only mentioned so far has none. */
  activitiesOfJobs(viewer: Viewer, jobIds: readonly string[]): Promise<Activity[]>;
  /** Those of these jobs whose activity the viewer may read, also when it is only mentioned. */
  readableJobs(viewer: Viewer, jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  items(viewer: Viewer, request: ItemsRequest): Promise<ListedItem[]>;
  /** The same page of the items of each organization: organization → items. */
  itemsByOrganization(
    viewer: Viewer,
    organizations: readonly string[],
    request: Omit<ItemsRequest, 'filter'>,
  ): Promise<Map<string, ListedItem[]>>;
  /** One hop from each of the nodes with these keys: key → hops. */
  hops(viewer: Viewer, keys: readonly number[], request: HopRequest): Promise<Map<number, Hop[]>>;
}

/** A target as an organization knows it; null: whichever organization of the viewer. */
export interface TargetNamed {
  readonly id: string;
  readonly organizationId: string | null;
}

/** Nodes by ids of other services, in the order of asking; null: there is none that the viewer may read. */
export interface NamedNodes {
  ofArtifacts(viewer: Viewer, ids: readonly string[]): Promise<(ProvenanceNode | null)[]>;
  ofTargets(viewer: Viewer, targets: readonly TargetNamed[]): Promise<(ProvenanceNode | null)[]>;
  ofServiceVersions(viewer: Viewer, ids: readonly string[]): Promise<(ProvenanceNode | null)[]>;
}

/** A document as it was given; with a bundle's IRI only what that states. */
export interface GivenDocument {
  readonly text: string;
  readonly notation: ReadNotation;
  readonly bundle?: string | null;
}

/** Reads, judges and writes PROV documents, where a hard one holds up nobody else. */
export interface DocumentDesk {
  check(userId: string, text: string, notation: ReadNotation): Promise<Outcome<Checked>>;
  /** In another notation. */
  rewrite(userId: string, given: GivenDocument, as: Notation): Promise<Outcome<string>>;
  /** For an import. */
  read(userId: string, text: string, notation: ReadNotation): Promise<Outcome<ImportedDocument>>;
  write(userId: string, document: ProvDocument, as: Notation): Promise<Outcome<string>>;
  judge(userId: string, document: ProvDocument, page: ViolationPage): Promise<Outcome<Checked>>;
  /** What {@link rewrite} writes. */
  judgeGiven(userId: string, given: GivenDocument, page: ViolationPage): Promise<Outcome<Checked>>;
}

/** Rings when an item has changed. A ring may get lost, and one too many does no harm. */
export interface ItemBell {
  ring(itemId: string): void;
  /** Gives back how to stop listening. */
  listen(itemId: string, callback: () => void): () => void;
}
