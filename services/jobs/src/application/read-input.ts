import { INPUT_CHUNK_BYTES, type InputRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { Claimant } from './claim-work.js';
import type { Ports } from './ports.js';

export interface InputChunk {
  readonly bytes: Uint8Array;
  readonly total: number;
}

/** A piece of a value that was too large for the claim; only for the worker that holds the attempt. */
export function readInput(ports: Ports, claimant: Claimant, request: InputRequest): Promise<InputChunk> {
  return ports.transact(async (tx) => {
    const attempt = await tx.jobs.attempt(request.jobId, request.attempt);
    const holds =
      attempt !== undefined &&
      attempt.outcome === 'RUNNING' &&
      attempt.fence === request.fence &&
      attempt.workerId === claimant.workerId &&
      attempt.targetId === claimant.targetId;
    if (!holds) throw new AppError('LEASE_LOST', 'The attempt is not the accepted one.');
    const input = await tx.jobs.inputOfJob(request.jobId);
    const params = request.item === null ? input?.params : input?.itemParams[request.item];
    const bytes = Buffer.from((request.which === 'data' ? input?.data : params) ?? 'null');
    return { bytes: bytes.subarray(request.offset, request.offset + INPUT_CHUNK_BYTES), total: bytes.length };
  });
}
