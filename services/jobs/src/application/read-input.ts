import { INPUT_CHUNK_BYTES, REGISTRY_TARGET, type InputRequest } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { imageOf, type KnownTarget } from '../domain/references.js';
import type { Claimant } from './claim-work.js';
import { openCommand } from './keep-command.js';
import type { JobInput, Ports, Work } from './ports.js';

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
    case 'result':
      return undefined;
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
    const value =
      request.of === undefined
        ? await ownValue(ports, tx, claimant, request)
        : await valueOfAnother(tx, claimant, request, request.of);
    const bytes = Buffer.from(value ?? 'null');
    return { bytes: bytes.subarray(request.offset, request.offset + INPUT_CHUNK_BYTES), total: bytes.length };
  });
}

async function ownValue(
  ports: Ports,
  tx: Work,
  { targetId }: Claimant,
  request: InputRequest,
): Promise<string | null | undefined> {
  const input = await tx.jobs.inputOfJob(request.jobId);
  const target = request.which === 'command' ? await tx.references.target(targetId) : undefined;
  return input && valueOf(ports, request, input, target);
}

/**
 * What all members of the organization of the worker's job may read of another job. For the registry alone, whose target no
 * other worker has, and which stores what it makes of that for the same organization (ADR 0037).
 */
async function valueOfAnother(
  tx: Work,
  { targetId }: Claimant,
  { jobId, which, item }: InputRequest,
  other: string,
): Promise<string> {
  if (targetId !== REGISTRY_TARGET || which === 'command')
    throw new AppError('FORBIDDEN', 'Workers read values of their own jobs only.');
  const values = await tx.jobs.valuesOfAnother(jobId, other, item);
  const value = values?.[which];
  if (value == null)
    throw new AppError('NOT_FOUND', 'The organization of the job has no such value, or none any more.');
  return value;
}
