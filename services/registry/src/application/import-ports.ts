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
  /** What it speaks of. */
  readonly nodes: readonly NamedThing[];
  readonly edges: readonly StatedEdge[];
}

export interface NamedThing {
  readonly id: string;
  /** What it tells of it; null: it only names it. */
  readonly told: ToldThing | null;
}

export type ToldThing = Pick<NodeStatement, 'kind' | 'name' | 'facts'>;

/** An import as whoever withdraws it finds it. */
export interface StandingRecord {
  readonly key: number;
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly readers: readonly string[];
  /** Of a bundle the record of its document. */
  readonly parentId: string | null;
  readonly withdrawn: boolean;
}

export interface RecordWithdrawal {
  readonly by: string;
  readonly reason: string;
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
  /** Nobody takes statements back until this transaction ends. */
  shareStatements(): Promise<void>;
  recordThere(recordId: string): Promise<'NONE' | 'STANDING' | 'WITHDRAWN'>;
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

/** The withdrawal of an import in one open transaction. */
export interface WithdrawalWork {
  /** Nobody lodges or takes back statements until this transaction ends. */
  holdStatements(): Promise<void>;
  /** The import, locked; only what one of the principals may read. */
  lockImport(id: string, principals: readonly string[]): Promise<StandingRecord | undefined>;
  /** Takes back what nobody else asserts, of its bundles too, and says who did it. */
  withdraw(record: StandingRecord, withdrawal: RecordWithdrawal): Promise<void>;
}

export interface ImportPorts {
  readonly transactWithdrawal: <T>(work: (tx: WithdrawalWork) => Promise<T>) => Promise<T>;
  readonly transact: <T>(work: (tx: ImportWork) => Promise<T>) => Promise<T>;
  readonly sha256: (text: string) => string;
  /** The public id of what has this identity. */
  readonly idOf: (identity: string) => string;
  /** What stands before our pids in documents. */
  readonly pidBase: string;
}
