import type { ItemAccess } from './access.js';
import type { ItemData } from './item-data.js';
import type { NodeKind, RegisteredSubtype } from './node.js';
import { normalizePid } from './pid.js';

/** SEED: it has its identifier and nothing more. COMPLETE: its metadata fits the schema of its type. */
export const RECORD_TYPES = ['SEED', 'COMPLETE'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

export interface Withdrawal {
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

/** What somebody may change of an item; each change leaves a revision. */
export interface ItemContent {
  readonly name: string;
  /** Version of the schema of its type that the metadata fits. */
  readonly schemaVersion: number;
  /** Null while it is a seed. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly tags: readonly string[];
}

/** A registered item. An edit in place makes a revision of it, a version another item, a clone one that is not linked. */
export interface RegisteredItem extends ItemContent, ItemAccess {
  /** Surrogate key, never shown. */
  readonly key: number;
  readonly id: string;
  /** Persistent identifier. */
  readonly pid: string;
  readonly kind: NodeKind;
  readonly subtype: RegisteredSubtype;
  readonly recordType: RecordType;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Counts the edits, from 1. */
  readonly revision: number;
  /** Counts every change, also of locks, rights and workflows. */
  readonly seq: number;
  /** What all versions of the item have in common. */
  readonly seriesId: string;
  readonly version: number;
  readonly versionReason: string | null;
  readonly previousKey: number | null;
  readonly nextKey: number | null;
  readonly locked: boolean;
  /** What a dataset holds; null for all else, and where nobody has said it. */
  readonly data: ItemData | null;
  readonly withdrawn: Withdrawal | null;
}

/** What a revision did; the first one is a creation, or the minting of a seed. */
export const REVISION_ACTIONS = ['SEEDED', 'CREATED', 'COMPLETED', 'EDITED', 'REVERTED'] as const;
export type RevisionAction = (typeof REVISION_ACTIONS)[number];

export interface ItemRevision extends ItemContent {
  readonly revision: number;
  readonly action: RevisionAction;
  readonly at: Date;
  readonly userId: string;
  readonly reason: string | null;
  /** The revision whose content came back, for REVERTED. */
  readonly revertsTo: number | null;
}

export const MOST_TAGS = 50;
export const MOST_GRANTS = 100;
export const MAX_NAME = 200;
export const MAX_REASON = 2_000;
export const MAX_TAG = 64;

/** The kinds of news about an item. */
export const ITEM_CHANGES = [
  'CREATED',
  'COMPLETED',
  'EDITED',
  'REVERTED',
  'VERSIONED',
  'LOCKED',
  'UNLOCKED',
  'ACCESS_CHANGED',
  'TRANSFERRED',
  'WITHDRAWN',
  'ALIAS_MOVED',
  'DATA_STORED',
  'WORKFLOW_CHANGED',
] as const;
export type ItemChange = (typeof ITEM_CHANGES)[number];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How an item is named by people and metadata: its id, or its pid in any of the ways to write it. */
export const normalizeReference = (text: string): string =>
  UUID.test(text.trim()) ? text.trim().toLowerCase() : normalizePid(text);
