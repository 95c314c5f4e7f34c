// The small copies of other services' things that a submission is checked against (DESIGN §4, law 1).
import type { JobKind, ServiceRuntime, TargetLimits } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';

export interface KnownServiceVersion {
  readonly id: string;
  readonly seq: number;
  readonly serviceId: string;
  readonly organizationId: string;
  readonly name: string;
  readonly version: string;
  readonly lifecycle: 'CREATED' | 'PUBLISHED';
  readonly codeArtifactId: string;
  readonly runtime: ServiceRuntime;
  readonly dataSchema: unknown;
  readonly paramsSchema: unknown;
}

export interface KnownTarget {
  readonly id: string;
  readonly seq: number;
  readonly organizationId: string | null;
  readonly name: string;
  readonly kinds: readonly JobKind[];
  readonly runtimes: readonly ServiceRuntime[];
  readonly limits: TargetLimits;
  readonly cancelsRunning: boolean;
}

export interface KnownArtifact {
  readonly id: string;
  readonly organizationId: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a job names, as far as it is known here. */
export interface References {
  readonly serviceVersion: KnownServiceVersion | undefined;
  readonly target: KnownTarget | undefined;
  /** `null`: the job names no artifact. */
  readonly dataArtifact: KnownArtifact | null | undefined;
}

export interface ReferenceVerdict {
  /** Named, but not known here yet: worth waiting for. */
  readonly unknown: readonly string[];
  readonly errors: readonly UserError[];
}

/** Something that exists but is not for this organization is told in the very words of something that does not exist. */
export const unknownReference = (field: string): UserError =>
  userError('REFERENCE_UNKNOWN', `${field} does not exist for this organization.`, 'input', field);

export function judgeReferences(
  organizationId: string,
  kind: JobKind,
  references: References,
): ReferenceVerdict {
  const { serviceVersion, target, dataArtifact } = references;
  const unknown: string[] = [];
  const errors: UserError[] = [];
  if (serviceVersion === undefined) unknown.push('serviceVersionId');
  else if (serviceVersion.lifecycle !== 'PUBLISHED' && serviceVersion.organizationId !== organizationId)
    errors.push(unknownReference('serviceVersionId'));
  if (target === undefined) unknown.push('targetId');
  else if (target.organizationId !== null && target.organizationId !== organizationId)
    errors.push(unknownReference('targetId'));
  if (dataArtifact === undefined) unknown.push('dataArtifactId');
  else if (dataArtifact !== null && dataArtifact.organizationId !== organizationId)
    errors.push(unknownReference('dataArtifactId'));
  if (errors.length === 0 && serviceVersion !== undefined && target !== undefined) {
    if (!target.kinds.includes(kind)) {
      errors.push(
        userError(
          'TARGET_INCOMPATIBLE',
          `Target ${target.id} does not run jobs of kind ${kind}.`,
          'input',
          'targetId',
        ),
      );
    } else if (!target.runtimes.includes(serviceVersion.runtime)) {
      const message = `Target ${target.id} does not run ${serviceVersion.runtime}; it runs ${target.runtimes.join(', ') || 'nothing'}.`;
      errors.push(userError('TARGET_INCOMPATIBLE', message, 'input', 'targetId'));
    }
  }
  return { unknown, errors };
}
