// What an import needs of the world.
import type { EdgeDetail } from '../domain/edge-detail.js';
import type { RegisteredItem } from '../domain/item.js';
import type { NodeKind, Relation } from '../domain/node.js';
import type { ReadNotation } from '../domain/prov-document.js';
import type { NodeStatement } from '../domain/statement.js';

/** A node that is there already and that somebody names. */
export interface NamedNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly subtype: string;
  readonly organizationId: string | null;
  /** Null: nobody registered it. */
  readonly item: RegisteredItem | null;
}

export interface NewImport {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly lodgedBy: string;
  readonly readers: readonly string[];
  readonly statementCount: number;
  /** Of the document; of a bundle in it, whose id that is and what it is called. */
  readonly source:
    | { readonly text: string; readonly notation: ReadNotation }
    | { readonly parentId: string; readonly bundle: string };
  /** Ids of what it speaks of. */
  readonly nodes: readonly string[];
  readonly edges: readonly StatedEdge[];
}

/** By the public ids of its ends. */
export interface StatedEdge {
  readonly from: string;
  readonly relation: Relation;
  readonly to: string;
  readonly role: string;
  readonly detail: EdgeDetail | null;
}

export interface ImportKey {
  readonly organizationId: string;
  readonly key: string;
}

/** The imports of one open transaction. */
export interface ImportWork {
  /** Imports of this record, and those under the key, come one after the other; which record the key was used for. */
  take(recordId: string, key: ImportKey | undefined): Promise<string | undefined>;
  keepKey(key: ImportKey, recordId: string): Promise<void>;
  hasRecord(recordId: string): Promise<boolean>;
  /** By normalized reference; only what one of the principals may read. */
  named(
    references: readonly string[],
    principals: readonly string[],
  ): Promise<ReadonlyMap<string, NamedNode>>;
  writeNodes(nodes: readonly NodeStatement[]): Promise<void>;
  /** What the platform itself says of its records. */
  writeEdges(edges: readonly Omit<StatedEdge, 'detail'>[], organizationId: string): Promise<void>;
  /** The records, parents first, with those of their relations that the graph takes. */
  lodge(records: readonly NewImport[]): Promise<void>;
}

export interface ImportPorts {
  readonly transact: <T>(work: (tx: ImportWork) => Promise<T>) => Promise<T>;
  readonly sha256: (text: string) => string;
  /** The public id of what has this identity. */
  readonly idOf: (identity: string) => string;
  /** What stands before our pids in documents. */
  readonly pidBase: string;
}
