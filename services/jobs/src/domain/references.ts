// The small copies of other services' things that a submission is checked against (DESIGN §4, law 1).
import type {
  JobKind,
  ServiceRuntime,
  TargetImage,
  TargetLimits,
  TargetSize,
  TargetStatus,
} from '@weft/contracts';
import { EVERYONE } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { shown } from './uuid.js';

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
  readonly sizes: readonly TargetSize[];
  readonly images: readonly TargetImage[];
  readonly cancelsRunning: boolean;
  readonly status: TargetStatus;
  readonly statusReason: string | null;
}

export interface KnownArtifact {
  readonly id: string;
  readonly organizationId: string;
  readonly size: number;
  readonly sha256: string;
  /** Principals to whom data pools and datasets open it. */
  readonly openTo?: readonly string[];
}

const mayRead = (organizationId: string, artifact: KnownArtifact): boolean =>
  artifact.organizationId === organizationId ||
  (artifact.openTo ?? []).some((one) => one === organizationId || one === EVERYONE);

/** What a job names, as far as it is known here. */
export interface References {
  /** `null`: the job names none. */
  readonly serviceVersion: KnownServiceVersion | null | undefined;
  readonly target: KnownTarget | undefined;
  /** `null`: the job names no artifact. */
  readonly dataArtifact: KnownArtifact | null | undefined;
  /** `null`: the command brings no file. */
  readonly codeArtifact: KnownArtifact | null | undefined;
}

/** What a job asks of its target, and the ids that it names. */
export interface Wishes {
  readonly serviceVersionId: string | null;
  readonly targetId: string;
  readonly dataArtifactId: string | null;
  readonly codeArtifactId: string | null;
  readonly kind: JobKind;
  readonly size: string | null;
  readonly image: string | null;
}

export interface ReferenceVerdict {
  /** Named, but not known here yet: worth waiting for. */
  readonly unknown: readonly UserError[];
  readonly errors: readonly UserError[];
}

/** Something that exists but is not for this organization is told in the very words of something that does not exist. */
const unknownReference = (field: NamedField, wishes: Wishes): UserError =>
  userError(
    'REFERENCE_UNKNOWN',
    `${field} ${shown(wishes[field] ?? '')} does not exist for this organization. ${WHAT_TO_DO[field]}`,
    'input',
    ...(field === 'codeArtifactId' ? ['command'] : []),
    field,
  );

type NamedField = 'serviceVersionId' | 'targetId' | 'dataArtifactId' | 'codeArtifactId';

const UPLOAD = 'Check the id, or upload the file to this organization and name that one.';
const WHAT_TO_DO: Readonly<Record<NamedField, string>> = {
  serviceVersionId:
    'Check that it is the id of a version, not of the service, and that the version is of this organization or published.',
  targetId: 'Choose one of `targets`.',
  dataArtifactId: UPLOAD,
  codeArtifactId: UPLOAD,
};

export function judgeReferences(
  organizationId: string,
  wishes: Wishes,
  references: References,
): ReferenceVerdict {
  const { serviceVersion, target } = references;
  const unknown: UserError[] = [];
  const told = (field: NamedField): UserError => unknownReference(field, wishes);
  const errors: UserError[] = [];
  if (serviceVersion === undefined) unknown.push(told('serviceVersionId'));
  else if (
    serviceVersion !== null &&
    serviceVersion.lifecycle !== 'PUBLISHED' &&
    serviceVersion.organizationId !== organizationId
  )
    errors.push(told('serviceVersionId'));
  if (target === undefined) unknown.push(told('targetId'));
  else if (target.organizationId !== null && target.organizationId !== organizationId)
    errors.push(told('targetId'));
  for (const field of ['dataArtifact', 'codeArtifact'] as const) {
    const artifact = references[field];
    if (artifact === undefined) unknown.push(told(`${field}Id`));
    else if (artifact !== null && !mayRead(organizationId, artifact)) errors.push(told(`${field}Id`));
  }
  if (errors.length === 0 && serviceVersion !== undefined && target !== undefined)
    errors.push(...judgeTarget(wishes, serviceVersion?.runtime ?? null, target));
  return { unknown, errors };
}

/** Whether the target can do what is asked. @param runtime that of the service; null for a command. */
function judgeTarget(wishes: Wishes, runtime: ServiceRuntime | null, target: KnownTarget): UserError[] {
  const refuse = (message: string, field: string): UserError[] => [
    userError('TARGET_INCOMPATIBLE', message, 'input', field),
  ];
  const { id, sizes, images } = target;
  if (!target.kinds.includes(wishes.kind))
    return refuse(`Target ${id} does not run jobs of kind ${wishes.kind}.`, 'targetId');
  if (runtime !== null && !target.runtimes.includes(runtime))
    return refuse(`Target ${id} does not run ${runtime}; it runs ${listed(target.runtimes)}.`, 'targetId');
  if (wishes.size !== null && !sizes.some((one) => one.name === wishes.size))
    return refuse(`Target ${id} has no size ${wishes.size}; it has ${listed(sizes.map(nameOf))}.`, 'size');
  const image = imageOf(target, wishes.image);
  if (wishes.image !== null && image === undefined)
    return refuse(
      `Target ${id} has no image ${wishes.image}; it has ${listed(images.map(nameOf))}.`,
      'image',
    );
  if (wishes.image !== null && runtime !== null && image?.runtime !== runtime)
    return refuse(`The image ${wishes.image} has no ${runtime}, which the service needs.`, 'image');
  if (runtime === null && image != null && image.runtime !== null && !target.runtimes.includes(image.runtime))
    return refuse(`No worker of target ${id} has ${image.runtime} for the image ${image.name}.`, 'image');
  return [];
}

const nameOf = ({ name }: { readonly name: string }): string => name;
const listed = (names: readonly string[]): string => names.join(', ') || 'none';

/** The image that a job gets: the one that it names, else the target's first. */
export const imageOf = (target: KnownTarget, image: string | null): TargetImage | undefined =>
  image === null ? target.images[0] : target.images.find((one) => one.name === image);

/** What a run may use: the target's limits, with those of the size laid over them. A size that is gone leaves the target's. */
export function limitsOf(
  target: KnownTarget,
  size: string | null,
): TargetLimits & { readonly cpus?: number } {
  const wanted = size === null ? undefined : target.sizes.find((one) => one.name === size);
  if (wanted === undefined) return target.limits;
  const { cpus, memoryBytes, processes, diskBytes } = wanted;
  const timeSeconds = Math.min(wanted.timeSeconds, target.limits.timeSeconds);
  return { ...target.limits, cpus, memoryBytes, processes, diskBytes, timeSeconds };
}
