// What provenance says of data pools; which files are members of one is written beside its rows.
import type { DataPool } from './data-pool.js';
import { identity, type NodeStatement } from './statement.js';

/** A file is mentioned; a job that made it, or used it, says more or the same. */
export const mentionOfFile = (artifact: {
  readonly id: string;
  readonly identity: string;
  readonly organizationId: string | null;
  readonly name: string;
  readonly sha256: string;
}): NodeStatement => ({
  identity: artifact.identity,
  kind: 'ENTITY',
  subtype: 'DATA',
  organizationId: artifact.organizationId,
  isPublic: false,
  revision: 0,
  name: artifact.name,
  facts: { artifactId: artifact.id, sha256: artifact.sha256 },
});

/** Its readers follow the rights of the pool from then on. */
export const entityOfPool = ({ id, organizationId, name }: DataPool, sha256: string): NodeStatement => ({
  identity: identity.dataPool(id),
  kind: 'ENTITY',
  subtype: 'DATA_POOL',
  organizationId,
  isPublic: false,
  revision: 1,
  name,
  facts: { dataPoolId: id, sha256 },
});

/** Who answers for what is in it: he released or sealed it. */
export const userOfPool = ({ organizationId }: DataPool, userId: string): NodeStatement => ({
  identity: identity.user(organizationId, userId),
  kind: 'AGENT',
  subtype: 'USER',
  organizationId,
  isPublic: false,
  revision: 0,
  name: `user ${userId}`,
  facts: { userId },
});
