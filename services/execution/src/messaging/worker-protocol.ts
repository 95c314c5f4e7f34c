import {
  artifactRequest,
  beatRequest,
  logRequest,
  logPageRequest,
  logsRequest,
  parseWorkerSubject,
  type ArtifactReply,
  type ArtifactRequest,
  type BeatRequest,
  type LogPageReply,
  type LogPageRequest,
  type LogReply,
  type LogRequest,
} from '@weft/contracts';
import { AppError, presentError } from '@weft/errors';
import {
  jsonAnswer,
  readJson,
  serve,
  type Answer,
  type Messaging,
  type Msg,
  type Subscription,
} from '@weft/messaging';
import { currentCorrelation, type Logger } from '@weft/telemetry';
import { z } from 'zod';
import type { WorkerIdentity } from '../domain/attempt.js';

export interface WorkerProtocol {
  readonly messaging: Messaging;
  readonly appendLogs: (worker: WorkerIdentity, batches: readonly LogRequest[]) => Promise<LogReply[]>;
  readonly issueArtifactUrl: (
    worker: WorkerIdentity,
    request: ArtifactRequest | LogPageRequest,
  ) => Promise<ArtifactReply | LogPageReply>;
  readonly recordBeat: (worker: WorkerIdentity, beat: BeatRequest) => Promise<void>;
  readonly logger: Logger;
}

const QUEUE = 'execution';

/** Serves what workers ask of execution. Who asks is read from the subject, which the broker lets nobody else publish on. */
export function serveWorkers({
  messaging,
  appendLogs,
  issueArtifactUrl,
  recordBeat,
  logger,
}: WorkerProtocol): Subscription[] {
  const on = <T>(
    operation: string,
    schema: z.ZodType<T>,
    answer: (worker: WorkerIdentity, value: T) => Promise<unknown>,
  ): Subscription =>
    serve(
      messaging,
      `weft.exec.${operation}.*.*`,
      QUEUE,
      async (message) => jsonAnswer(await answer(identify(message), read(schema, message))),
      present,
      logger,
    );
  return [
    on('log', z.union([logsRequest, logRequest]), async (worker, told) => {
      if ('batches' in told) return { replies: await appendLogs(worker, told.batches) };
      return (await appendLogs(worker, [told]))[0];
    }),
    on('artifact', z.union([artifactRequest, logPageRequest]), issueArtifactUrl),
    on('beat', beatRequest, async (worker, beat) => {
      await recordBeat(worker, beat);
      return { ok: true };
    }),
  ];
}

function identify(message: Msg): WorkerIdentity {
  const address = parseWorkerSubject(message.subject);
  if (address === undefined) throw new AppError('BAD_USER_INPUT', 'The subject names no worker.');
  return address;
}

function read<T>(schema: z.ZodType<T>, message: Msg): T {
  const parsed = schema.safeParse(readJson(message));
  if (!parsed.success)
    throw new AppError('BAD_USER_INPUT', `The request does not fit the protocol: ${parsed.error.message}`);
  return parsed.data;
}

function present(error: unknown): Answer {
  const { code, message, retryable } = presentError(error, currentCorrelation());
  return jsonAnswer({ error: { code, message, retryable } });
}
