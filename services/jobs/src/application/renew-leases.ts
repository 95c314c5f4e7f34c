import type { RenewReply, RenewRequest } from '@weft/contracts';
import { carriable } from '../domain/attempt-rules.js';
import type { Claimant } from './claim-work.js';
import type { Ports } from './ports.js';

/** Keeps the attempts that the worker still holds; tells which it has lost and which it should cancel. */
export function renewLeases(ports: Ports, claimant: Claimant, request: RenewRequest): Promise<RenewReply> {
  const { leaseMs } = ports.timing;
  return ports.transact(async (tx) => {
    const renewals = request.attempts.map((one) => ({
      jobId: one.jobId,
      attempt: one.attempt,
      fence: one.fence,
      progress: one.progress?.fraction ?? null,
      // One text that cannot be stored would fail the renewal of all.
      progressMessage: one.progress?.message == null ? null : carriable(one.progress.message),
    }));
    const renewed = await tx.jobs.renew(claimant.workerId, claimant.targetId, renewals, leaseMs);
    const held = new Map(renewed.map((one) => [`${one.jobId}:${one.attempt}`, one]));
    return {
      attempts: request.attempts.map(({ jobId, attempt, fence }) => {
        const found = held.get(`${jobId}:${attempt}`);
        return {
          jobId,
          attempt,
          fence,
          standing: found === undefined ? 'lost' : 'held',
          cancel: found?.cancel ?? false,
          cancelItems: found?.cancelItems == null ? undefined : [...found.cancelItems],
          leaseMs,
        };
      }),
    };
  });
}
