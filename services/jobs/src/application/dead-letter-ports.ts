// Failed jobs that nobody has dealt with yet, as the store keeps them.
import type { TransitionActor } from '../domain/job.js';
import type { LockedJob } from './ports.js';

export interface DeadLetterStore {
  /** Which of these jobs of these organizations are dead letters. */
  among(organizationIds: readonly string[], jobIds: readonly string[]): Promise<string[]>;
  /** The same under their row locks, the latest first; those that others hold are passed over. */
  lock(organizationIds: readonly string[], jobIds: readonly string[]): Promise<LockedJob[]>;
  /** Somebody has dealt with these jobs; those that are no dead letters stay what they are. */
  settle(jobIds: readonly string[]): Promise<void>;
  /** The same, and the reason goes to their records. */
  dismiss(jobIds: readonly string[], reason: string, by: TransitionActor, at: Date): Promise<void>;
}
