// What readers ask of registered items. What has a key was found by a viewer who may read it; the rest is bounded in the query.
import type { AccessRequest, AccessRequestState } from '../domain/access-request.js';
import type { ActivityWorkflow } from '../domain/activity-workflow.js';
import type { ItemRevision, RegisteredItem, RecordType } from '../domain/item.js';
import type { ItemSubtype, ProvenanceNode } from '../domain/node.js';
import type { Viewer } from './ports.js';

export interface LockEvent {
  readonly number: number;
  readonly action: 'LOCK' | 'UNLOCK';
  readonly at: Date;
  readonly userId: string;
  readonly reason: string;
}

export interface ItemAlias {
  readonly name: string;
  /** Key of the version that it points to. */
  readonly key: number;
  readonly movedAt: Date;
  readonly movedBy: string;
}

/** Of what names an item, as many are looked at: the newest. */
export const MOST_NAMING = 10_000;

/** A stretch of something that is numbered, from the highest number down. */
export interface NumberedPage {
  readonly first: number;
  readonly below: number | undefined;
}

export interface SearchRequest {
  readonly text: string;
  readonly subtypes: readonly ItemSubtype[] | undefined;
  readonly organizationId: string | undefined;
  readonly recordType: RecordType | undefined;
  readonly tag: string | undefined;
  readonly withdrawn: boolean;
  readonly first: number;
  readonly after: { readonly id: string; readonly score: string } | undefined;
}

export interface FoundItem {
  readonly node: ProvenanceNode;
  /** As text, so that it comes back from a cursor as it was. */
  readonly score: string;
}

/** Of one item, of one who asked, or of those who may decide. */
export type RequestsOf =
  { readonly key: number } | { readonly userId: string } | { readonly deciders: readonly string[] };

export interface ListedRequest extends AccessRequest {
  readonly itemId: string;
}

export interface ItemReader {
  records(keys: readonly number[]): Promise<RegisteredItem[]>;
  /** Public ids of what these ids and pids name, by normalized reference; without a look at rights. */
  idsOf(references: readonly string[]): Promise<Map<string, string>>;
  nodesByKey(viewer: Viewer, keys: readonly number[]): Promise<ProvenanceNode[]>;
  /** Of each item its edits, the last first. */
  history(keys: readonly number[], page: NumberedPage): Promise<Map<number, ItemRevision[]>>;
  lockHistory(keys: readonly number[], page: NumberedPage): Promise<Map<number, LockEvent[]>>;
  /** Of each series its versions that the viewer may read, the last first. */
  versions(
    viewer: Viewer,
    seriesIds: readonly string[],
    page: NumberedPage,
  ): Promise<Map<string, { readonly version: number; readonly node: ProvenanceNode }[]>>;
  aliases(seriesIds: readonly string[]): Promise<Map<string, ItemAlias[]>>;
  workflows(keys: readonly number[]): Promise<Map<number, ActivityWorkflow[]>>;
  search(viewer: Viewer, request: SearchRequest): Promise<FoundItem[]>;
  accessRequests(
    of: RequestsOf,
    state: AccessRequestState | undefined,
    page: {
      readonly first: number;
      readonly after: { readonly at: string; readonly id: string } | undefined;
    },
  ): Promise<ListedRequest[]>;
  /** The items that name this one in their metadata, as far as the viewer may read them: the newest first, after one of them. */
  naming(viewer: Viewer, key: number, first: number, after: string | undefined): Promise<ProvenanceNode[]>;
  /** How many of them there are. */
  countNaming(viewer: Viewer, key: number): Promise<number>;
  personOf(viewer: Viewer, userId: string): Promise<ProvenanceNode | undefined>;
}
