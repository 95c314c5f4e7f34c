import {
  artifactReply,
  CLAIM_PATIENCE_MS,
  claimReply,
  execSubject,
  INPUT_ERROR_HEADER,
  INPUT_TOTAL_HEADER,
  logsReply,
  renewReply,
  reportReply,
  workError,
  workSubject,
  type ArtifactReply,
  type ArtifactRequest,
  type BeatRequest,
  type ClaimReply,
  type ClaimRequest,
  type InputRequest,
  type LogsReply,
  type LogsRequest,
  type RenewReply,
  type RenewRequest,
  type ReportReply,
  type ReportRequest,
} from '@weft/contracts';
import { AppError, ERROR_CODES, isErrorCode } from '@weft/errors';
import { readJson, request, type Messaging, type Msg } from '@weft/messaging';
import type { z } from 'zod';

/** Everything that a worker says to the platform, typed. Each call asks once; who calls decides about repetition. */
export interface PlatformClient {
  claim(targetId: string, value: ClaimRequest): Promise<ClaimReply>;
  renew(targetId: string, value: RenewRequest): Promise<RenewReply>;
  report(targetId: string, value: ReportRequest): Promise<ReportReply>;
  input(
    targetId: string,
    value: InputRequest,
  ): Promise<{ readonly bytes: Uint8Array; readonly total: number }>;
  logs(targetId: string, value: LogsRequest): Promise<LogsReply>;
  artifact(targetId: string, value: ArtifactRequest): Promise<ArtifactReply>;
  beat(targetId: string, value: BeatRequest): Promise<void>;
}

const TIMEOUT_MS = 5_000;

/** Whether the same question may be answered otherwise later: everything that is not a refusal by the platform. */
export const mayAskAgain = (error: unknown): boolean =>
  !(error instanceof AppError) || error.facts['retryable'] === true;

function read<T>(schema: z.ZodType<T>, message: Msg): T {
  const value = readJson(message);
  const refused = workError.safeParse(value);
  if (refused.success)
    throw refusal(refused.data.error.code, refused.data.error.message, refused.data.error.retryable);
  return schema.parse(value);
}

const meaningOf = (code: string): string =>
  isErrorCode(code) ? ERROR_CODES[code].meaning : 'The input was refused.';

const refusal = (code: string, message: string, retryable: boolean): AppError =>
  new AppError(isErrorCode(code) ? code : 'INTERNAL', message, { retryable });

export function createPlatformClient(messaging: Messaging, workerId: string): PlatformClient {
  const ask = (subject: string, value: unknown, timeoutMs = TIMEOUT_MS): Promise<Msg> =>
    request(messaging, subject, value, timeoutMs);
  return {
    async claim(targetId, value) {
      return read(
        claimReply,
        await ask(workSubject('claim', targetId, workerId), value, value.holdMs + CLAIM_PATIENCE_MS),
      );
    },
    async renew(targetId, value) {
      return read(renewReply, await ask(workSubject('renew', targetId, workerId), value));
    },
    async report(targetId, value) {
      return read(reportReply, await ask(workSubject('report', targetId, workerId), value));
    },
    async input(targetId, value) {
      const message = await ask(workSubject('input', targetId, workerId), value);
      const code = message.headers?.get(INPUT_ERROR_HEADER);
      if (code) throw refusal(code, meaningOf(code), code === 'INTERNAL' || code === 'SERVICE_UNAVAILABLE');
      return { bytes: message.data, total: Number(message.headers?.get(INPUT_TOTAL_HEADER) ?? 0) };
    },
    async logs(targetId, value) {
      return read(logsReply, await ask(execSubject('log', targetId, workerId), value));
    },
    async artifact(targetId, value) {
      return read(artifactReply, await ask(execSubject('artifact', targetId, workerId), value));
    },
    async beat(targetId, value) {
      await ask(execSubject('beat', targetId, workerId), value);
    },
  };
}
