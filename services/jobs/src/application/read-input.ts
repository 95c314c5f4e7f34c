import { INPUT_CHUNK_BYTES, type InputRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { imageOf, type KnownTarget } from '../domain/references.js';
import type { Claimant } from './claim-work.js';
import { openCommand } from './keep-command.js';
import type { JobInput, Ports } from './ports.js';

export interface InputChunk {
  readonly bytes: Uint8Array;
  readonly total: number;
}

function valueOf(
  { secrets }: Ports,
  { which, item }: InputRequest,
  input: JobInput,
  target: KnownTarget | undefined,
): string | null | undefined {
  switch (which) {
    case 'data':
      return input.data;
    case 'params':
      return item === null ? input.params : input.itemParams[item];
    case 'command':
      return openCommand(secrets, input, (target && imageOf(target, input.image)?.runtime) ?? null);
  }
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
    const target = request.which === 'command' ? await tx.references.target(claimant.targetId) : undefined;
    const bytes = Buffer.from((input && valueOf(ports, request, input, target)) ?? 'null');
    return { bytes: bytes.subarray(request.offset, request.offset + INPUT_CHUNK_BYTES), total: bytes.length };
  });
}
