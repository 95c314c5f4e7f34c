import type {
  JobKind,
  ServiceRuntime,
  TargetImage,
  TargetLimits,
  TargetSize,
  TargetStatus,
} from '@weft/contracts';

/** Who runs jobs, and what they run on. */
export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** What a target is by declaration; workers do not change it. */
export interface TargetDeclaration {
  readonly id: string;
  readonly providerId: string;
  readonly name: string;
  /** Absent: the target serves everybody. */
  readonly organizationId: string | null;
  readonly kinds: readonly JobKind[];
  readonly limits: TargetLimits;
  /** Hardware that a job may ask for by name; the limits stand for a job that asks for none. */
  readonly sizes: readonly TargetSize[];
  /** What a run may find there besides the shell; the first stands for a job that asks for none. */
  readonly images: readonly TargetImage[];
  /** Whether a run that has started can be cancelled. */
  readonly cancelsRunning: boolean;
}

export interface Target extends TargetDeclaration {
  readonly seq: number;
  readonly runtimes: readonly ServiceRuntime[];
  readonly status: TargetStatus;
  readonly statusReason: string | null;
}

/** The changing part of a target, as its workers tell it. */
export type TargetStanding = Pick<Target, 'status' | 'statusReason' | 'runtimes'>;

export function sameStanding(one: TargetStanding, other: TargetStanding): boolean {
  return (
    one.status === other.status &&
    one.statusReason === other.statusReason &&
    one.runtimes.join() === other.runtimes.join()
  );
}

/** Whether two declarations say the same, whatever the order of their fields. */
export function sameDeclaration(one: TargetDeclaration, other: TargetDeclaration): boolean {
  return canonical(one) === canonical(other);
}

const canonical = (target: TargetDeclaration): string =>
  JSON.stringify([
    target.id,
    target.providerId,
    target.name,
    target.organizationId,
    target.kinds,
    inOrder(target.limits),
    target.sizes.map(inOrder),
    target.images.map(inOrder),
    target.cancelsRunning,
  ]);

const inOrder = (fields: object): [string, unknown][] => Object.entries(fields).sort();
