import type { ServiceRuntime } from '@weft/contracts';
import { subjectOf } from './description.js';
import { organizationOf } from './lodged-activity.js';
import { identity, StatementBuilder, type NodeStatement, type Statements } from './statement.js';

/** A version of a service as its owner announces it. */
export interface AnnouncedServiceVersion {
  readonly serviceVersionId: string;
  readonly seq: number;
  readonly organizationId: string;
  readonly serviceName: string;
  readonly version: string;
  readonly lifecycle: 'CREATED' | 'PUBLISHED';
  /** The version before it; undefined: nobody told. */
  readonly previousVersionId?: string | null | undefined;
  readonly code: { readonly artifactId: string; readonly runtime: ServiceRuntime };
}

/**
 * The owner's word about the code that jobs use: whose it is, its name, which version it revises, and whether everybody may
 * see it.
 */
export function statementsOfServiceVersion(version: AnnouncedServiceVersion): Statements {
  const statements = new StatementBuilder();
  const said = statements.node(told(version));
  const provider = statements.node(organizationOf(version.organizationId));
  statements.edge(said, 'WAS_ATTRIBUTED_TO', provider);
  if (version.previousVersionId != null)
    statements.edge(said, 'WAS_REVISION_OF', statements.node(mentionedVersion(version.previousVersionId)));
  return statements.build();
}

/** Whose it is and who may see it is told by its owner alone. */
export const mentionedVersion = (serviceVersionId: string): NodeStatement => ({
  identity: identity.serviceVersion(serviceVersionId),
  kind: 'ENTITY',
  subtype: 'SERVICE_VERSION',
  organizationId: null,
  isPublic: false,
  revision: 0,
  name: `service version ${serviceVersionId}`,
  facts: { serviceVersionId },
});

const told = (version: AnnouncedServiceVersion): NodeStatement => ({
  identity: identity.serviceVersion(version.serviceVersionId),
  kind: 'ENTITY',
  subtype: 'SERVICE_VERSION',
  organizationId: version.organizationId,
  isPublic: version.lifecycle === 'PUBLISHED',
  revision: version.seq,
  name: `${version.serviceName} ${version.version}`,
  facts: {
    serviceVersionId: version.serviceVersionId,
    runtime: version.code.runtime,
    codeArtifactId: version.code.artifactId,
  },
  // The hash of its file.
  describedBy: subjectOf.artifact(version.code.artifactId),
});
