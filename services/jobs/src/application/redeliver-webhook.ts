import { done, refused, userError, type Outcome } from '@weft/errors';
import { hasRole, type Actor } from '@weft/identity';
import { MAX_TRIES_EVER } from '../domain/webhook/webhook.js';
import type { Ports } from './ports.js';

/** Sends a job's webhook again, whatever became of it: at once, under the same id, with a whole round of tries. */
export function redeliverWebhook(
  ports: Ports,
  actor: Actor,
  jobId: string,
): Promise<Outcome<{ jobId: string }>> {
  const no = (code: 'NOT_FOUND' | 'FORBIDDEN' | 'CONFLICT' | 'RATE_LIMITED', message: string) =>
    refused(userError(code, message, 'input', 'jobId'));
  return ports.transact(async (tx): Promise<Outcome<{ jobId: string }>> => {
    const organizationId = await tx.webhooks.organizationOf(jobId);
    if (organizationId === undefined || !hasRole(actor, organizationId, 'VIEWER'))
      return no('NOT_FOUND', 'There is no such job.');
    if (!hasRole(actor, organizationId, 'MAINTAINER'))
      return no('FORBIDDEN', 'Delivering again needs the role MAINTAINER in the organization.');
    const webhook = await tx.webhooks.lock(jobId);
    if (webhook === undefined) return no('NOT_FOUND', 'The job has no webhook.');
    if (webhook.state === 'WAITING')
      return no('CONFLICT', 'The job has not ended; there is nothing to tell yet.');
    if (webhook.underWay) return no('CONFLICT', 'It is being delivered right now.');
    if (webhook.tries >= MAX_TRIES_EVER)
      return no('RATE_LIMITED', `It was tried ${MAX_TRIES_EVER} times; that is the end of it.`);
    await tx.webhooks.restart(webhook.id);
    return done({ jobId });
  });
}
