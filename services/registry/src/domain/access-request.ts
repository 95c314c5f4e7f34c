import type { ItemRole } from './access.js';

export const ACCESS_REQUEST_STATES = ['PENDING', 'APPROVED', 'REJECTED', 'CANCELLED'] as const;
export type AccessRequestState = (typeof ACCESS_REQUEST_STATES)[number];

/** Somebody asks those who administer an item for roles on it. */
export interface AccessRequest {
  readonly id: string;
  readonly itemKey: number;
  readonly userId: string;
  readonly roles: readonly ItemRole[];
  readonly note: string;
  /** Until when the roles are asked for; null: for good. */
  readonly expiresAt: Date | null;
  readonly state: AccessRequestState;
  readonly requestedAt: Date;
  readonly decision: { readonly at: Date; readonly by: string; readonly note: string | null } | null;
}
