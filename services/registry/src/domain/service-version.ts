import type { ServiceRuntime } from '@weft/contracts';
import { subjectOf } from './description.js';
import { identity, type Statements } from './statement.js';

/** A version of a service as its owner announces it. */
export interface AnnouncedServiceVersion {
  readonly serviceVersionId: string;
  readonly seq: number;
  readonly organizationId: string;
  readonly serviceName: string;
  readonly version: string;
  readonly lifecycle: 'CREATED' | 'PUBLISHED';
  readonly code: { readonly artifactId: string; readonly runtime: ServiceRuntime };
}

/** The owner's word about the code that jobs use: whose it is, its name, and whether everybody may see it. */
export function statementsOfServiceVersion(version: AnnouncedServiceVersion): Statements {
  return {
    nodes: [
      {
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
      },
    ],
    edges: [],
  };
}
