import type { JobKind, ServiceRuntime, TargetLimits, TargetStatus } from '@weft/contracts';

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

const canonical = ({
  id,
  providerId,
  name,
  organizationId,
  kinds,
  limits,
  cancelsRunning,
}: TargetDeclaration): string =>
  JSON.stringify([
    id,
    providerId,
    name,
    organizationId,
    kinds,
    Object.entries(limits).sort(),
    cancelsRunning,
  ]);
