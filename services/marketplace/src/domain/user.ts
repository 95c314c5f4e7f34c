/** `operator`: runs the platform for others, and may create users. */
export const PLATFORM_ROLES = ['operator'] as const;
export type PlatformRole = (typeof PLATFORM_ROLES)[number];

/** A person, or a program that acts as one. The name is a handle: unique on the platform. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly PlatformRole[];
  readonly createdAt: Date;
}
