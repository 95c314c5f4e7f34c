import { EntitySchema } from 'typeorm';
import type { NodeFacts, NodeKind, ProvenanceNode } from '../domain/node.js';

/** A node as the table holds it; `readers` decides who sees it and is nobody else's business. */
export interface NodeRow {
  readonly key: number;
  readonly id: string;
  readonly kind: NodeKind;
  readonly subtype: string;
  readonly organizationId: string | null;
  readonly readers: readonly string[];
  readonly registered: boolean;
  readonly revision: number;
  readonly name: string;
  readonly facts: NodeFacts;
  readonly createdAt: Date;
}

export const NodeTable = new EntitySchema<NodeRow>({
  name: 'node',
  columns: {
    key: { name: 'id', type: 'bigint', primary: true, generated: 'increment' },
    id: { name: 'public_id', type: 'uuid' },
    kind: { type: 'text' },
    subtype: { type: 'text' },
    organizationId: { name: 'organization_id', type: 'uuid', nullable: true },
    readers: { type: 'uuid', array: true, select: false },
    registered: { type: 'boolean' },
    revision: { type: 'integer' },
    name: { type: 'text' },
    facts: { type: 'jsonb' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
  },
});

/** The columns that are read, for the statements that are written by hand; `n` is the node. A test holds both against each other. */
export const NODE_COLUMNS = `n.id as key, n.public_id as id, n.kind, n.subtype, n.organization_id as "organizationId",
  n.registered, n.revision, n.name, n.facts, n.created_at as "createdAt"`;

/** The kind decides which subtypes there are; the writers' types guarantee that they fit. */
export const nodeOfRow = (row: NodeRow): ProvenanceNode =>
  ({
    key: row.key,
    id: row.id,
    kind: row.kind,
    subtype: row.subtype,
    organizationId: row.organizationId,
    revision: row.revision,
    name: row.name,
    facts: row.facts,
    registered: row.registered,
    createdAt: row.createdAt,
  }) as ProvenanceNode;
