import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import type { Actor } from '@weft/identity';
import type { Ports } from './ports.js';
import type { OwnLimits } from './queue-ports.js';

const MOST_ATTEMPTS = 1_000_000;
const MOST_JOBS = 100_000_000;

/** Sets how much of the platform one organization may take at a time. An operator's, not its own, to set. */
export async function setQueueLimits(
  ports: Ports,
  actor: Actor,
  organizationId: string,
  limits: OwnLimits,
): Promise<Outcome<OwnLimits>> {
  if (!actor.roles.includes('operator'))
    return refused(userError('FORBIDDEN', 'Setting limits needs the platform role "operator".', 'input'));
  const errors = [
    ...checkLimit(limits.concurrentAttempts, MOST_ATTEMPTS, 'concurrentAttempts'),
    ...checkLimit(limits.queuedJobs, MOST_JOBS, 'queuedJobs'),
  ];
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(organizationId))
    errors.push(userError('BAD_USER_INPUT', 'organizationId is not a UUID.', 'input', 'organizationId'));
  if (errors.length > 0) return refused(...errors);
  await ports.transact((tx) => tx.queueLimits.set(organizationId, limits, actor.id));
  return done(limits);
}

const checkLimit = (limit: number | null, most: number, field: string): UserError[] =>
  limit === null || (Number.isInteger(limit) && limit >= 0 && limit <= most)
    ? []
    : [userError('BAD_USER_INPUT', `${field} is an integer from 0 to ${most}.`, 'input', field)];
