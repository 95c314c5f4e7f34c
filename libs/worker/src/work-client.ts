import {
  artifactReply,
  CLAIM_PATIENCE_MS,
  claimReply,
  execSubject,
  INPUT_ERROR_HEADER,
  INPUT_TOTAL_HEADER,
  logPageReply,
  renewReply,
  reportReply,
  workError,
  workSubject,
  type ArtifactReply,
  type ArtifactRequest,
  type ClaimReply,
  type ClaimRequest,
  type InputRequest,
  type LogPageReply,
  type LogPageRequest,
  type RenewReply,
  type RenewRequest,
  type ReportReply,
  type ReportRequest,
} from '@weft/contracts';
import { AppError, ERROR_CODES, isErrorCode } from '@weft/errors';
import { readJson, request, type Messaging, type Msg } from '@weft/messaging';
import type { z } from 'zod';

/** What every worker says: to jobs, and to execution where it stores files. Typed. Each call asks once; who calls decides about repetition. */
export interface WorkClient {
  claim(targetId: string, value: ClaimRequest): Promise<ClaimReply>;
  renew(targetId: string, value: RenewRequest): Promise<RenewReply>;
  report(targetId: string, value: ReportRequest): Promise<ReportReply>;
  input(
    targetId: string,
    value: InputRequest,
  ): Promise<{ readonly bytes: Uint8Array; readonly total: number }>;
  /** To execution: where a file is read or written. */
  artifact(targetId: string, value: ArtifactRequest): Promise<ArtifactReply>;
  /** To execution: a page of the log of another job. */
  logPage(targetId: string, value: LogPageRequest): Promise<LogPageReply>;
}

const TIMEOUT_MS = 5_000;

/** Whether the same question may be answered otherwise later: everything that is not a refusal by the platform. */
export const mayAskAgain = (error: unknown): boolean =>
  !(error instanceof AppError) || error.facts['retryable'] === true;

/** @throws what the platform refused it with. */
export function readAnswer<T>(schema: z.ZodType<T>, message: Msg): T {
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

/** One request of a worker, answered within a time that is enough for all of them but a held claim. */
export const ask = (
  messaging: Messaging,
  subject: string,
  value: unknown,
  timeoutMs = TIMEOUT_MS,
): Promise<Msg> => request(messaging, subject, value, timeoutMs);

export function createWorkClient(messaging: Messaging, workerId: string): WorkClient {
  return {
    async claim(targetId, value) {
      const subject = workSubject('claim', targetId, workerId);
      return readAnswer(claimReply, await ask(messaging, subject, value, value.holdMs + CLAIM_PATIENCE_MS));
    },
    async renew(targetId, value) {
      return readAnswer(renewReply, await ask(messaging, workSubject('renew', targetId, workerId), value));
    },
    async report(targetId, value) {
      return readAnswer(reportReply, await ask(messaging, workSubject('report', targetId, workerId), value));
    },
    async input(targetId, value) {
      const message = await ask(messaging, workSubject('input', targetId, workerId), value);
      const code = message.headers?.get(INPUT_ERROR_HEADER);
      if (code) throw refusal(code, meaningOf(code), code === 'INTERNAL' || code === 'SERVICE_UNAVAILABLE');
      return { bytes: message.data, total: Number(message.headers?.get(INPUT_TOTAL_HEADER) ?? 0) };
    },
    async artifact(targetId, value) {
      const subject = execSubject('artifact', targetId, workerId);
      return readAnswer(artifactReply, await ask(messaging, subject, value));
    },
    async logPage(targetId, value) {
      const subject = execSubject('artifact', targetId, workerId);
      return readAnswer(logPageReply, await ask(messaging, subject, value));
    },
  };
}
