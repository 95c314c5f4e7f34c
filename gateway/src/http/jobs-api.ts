// Two plain HTTP calls for programs without GraphQL: start a job definition, look at the run. Each is only a translation to
// an operation of the graph, done by the same pipeline, under the same limits and identity.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ERROR_CODES, isErrorCode, type ErrorCode } from '@weft/errors';
import { currentCorrelation } from '@weft/telemetry';
import type { GraphQLSchema } from 'graphql';
import type { OperationRequest } from '../federation/direct-operations.js';
import type { Operations } from '../federation/operations.js';
import type { Gatekeeper } from '../identity/gatekeeper.js';
import { ask, baseOf, unescaped } from './ask.js';
import { readJsonBody } from './body.js';
import { preventCsrf } from './csrf.js';
import { sendError, sendJson } from './reply.js';

export interface JobsApiOptions {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly gatekeeper: Gatekeeper;
  readonly maxBodyBytes: number;
  observe(operation: string, ok: boolean, seconds: number): void;
}

export interface JobsApi {
  /** True: the path is one of these, and it was answered. */
  handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

const JOB = `id name state phase reason plannedFor submittedAt startedAt endedAt
  definition { id name } definitionVersion { number }`;

const START: Pick<OperationRequest, 'source' | 'operationName'> = {
  operationName: 'StartOverHttp',
  source: `mutation StartOverHttp($input: StartJobDefinitionInput!) {
    startJobDefinition(input: $input) { repeated job { ${JOB} } userErrors { code message path } } }`,
};
const RUN: Pick<OperationRequest, 'source' | 'operationName'> = {
  operationName: 'RunOverHttp',
  source: `query RunOverHttp($id: ID!) { job(id: $id) { ${JOB} result error { code message } } }`,
};

/** Undefined where the supergraph has no job definitions. */
export function createJobsApi(options: JobsApiOptions): JobsApi | undefined {
  const fields = options.schema.getMutationType()?.getFields() ?? {};
  if (fields['startJobDefinition'] === undefined) return undefined;
  return {
    async handle(path, request, response) {
      const [, definitionId] = /^\/api\/jobs\/([^/]+)\/start$/.exec(path) ?? [];
      const [, jobId] = /^\/api\/runs\/([^/]+)$/.exec(path) ?? [];
      if (definitionId === undefined && jobId === undefined) return false;
      const startedAt = performance.now();
      const starts = definitionId !== undefined;
      try {
        const methods = starts ? ['POST'] : ['GET', 'HEAD'];
        if (!methods.includes(request.method ?? '')) refuseMethod(response, methods);
        else if (definitionId !== undefined) await start(options, definitionId, request, response);
        else await show(options, jobId as string, request, response);
      } catch (error) {
        sendError(response, error);
        if (!(error instanceof AppError)) throw error;
      } finally {
        options.observe(
          starts ? 'mutation' : 'query',
          response.statusCode < 400,
          (performance.now() - startedAt) / 1_000,
        );
      }
      return true;
    },
  };
}

function refuseMethod(response: ServerResponse, methods: readonly string[]): void {
  const allow = methods.join(', ');
  response.setHeader('allow', allow);
  const message = `This path takes ${allow}: a job is started by POST, and looked at by GET.`;
  sendJson(response, 405, {
    error: { code: 'BAD_USER_INPUT', message, correlationId: currentCorrelation() },
  });
}

interface JobAnswer {
  readonly id: string;
  readonly definition: { readonly id: string } | null;
  readonly definitionVersion: { readonly number: number } | null;
}

interface UserError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

interface Started {
  readonly startJobDefinition: {
    readonly repeated: boolean;
    readonly job: JobAnswer | null;
    readonly userErrors: readonly UserError[];
  };
}

async function start(
  options: JobsApiOptions,
  definitionId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  preventCsrf(request.headers);
  const { caller } = await options.gatekeeper.admit(bearer(request));
  const input = { id: unescaped(definitionId), ...(await readStart(request, options.maxBodyBytes)) };
  const { startJobDefinition } = await ask<Started>(
    options.operations,
    { ...START, variables: { input } },
    caller,
  );
  const { job, repeated, userErrors } = startJobDefinition;
  if (job === null) return sendRefusal(response, userErrors);
  const shown = present(job, request);
  response.setHeader('location', shown.url);
  sendJson(response, repeated ? 200 : 201, { ...shown, repeated });
}

async function show(
  options: JobsApiOptions,
  jobId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { caller } = await options.gatekeeper.admit(bearer(request));
  const variables = { id: unescaped(jobId) };
  const { job } = await ask<{ job: JobAnswer | null }>(options.operations, { ...RUN, variables }, caller);
  if (job === null) throw new AppError('NOT_FOUND', 'There is no such job.');
  sendJson(response, 200, present(job, request));
}

/** Saturn's clients say `token`, all others `Bearer`. */
const bearer = (request: IncomingMessage): string | undefined =>
  request.headers.authorization?.replace(/^\s*token +/i, 'Bearer ');

/** What a start may say of the job beside its inputs; the graph says what each may be. */
const SETTINGS = ['name', 'tags', 'priority', 'startAt', 'deadline'];
const KNOWN = ['inputs', 'idempotencyKey', ...SETTINGS];

/** `{"inputs": {...}, "idempotencyKey": "...", "name": "..."}`; no body at all starts without inputs. */
async function readStart(request: IncomingMessage, maxBytes: number): Promise<Record<string, unknown>> {
  const header = request.headers['idempotency-key'];
  const empty =
    request.headers['transfer-encoding'] === undefined &&
    Number(request.headers['content-length'] ?? 0) === 0;
  const body = empty ? {} : await readJsonBody(request, maxBytes);
  if (body === undefined)
    throw new AppError('BAD_USER_INPUT', 'Send the body as JSON, with content-type: application/json.');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new AppError('BAD_USER_INPUT', 'The body is an object: {"inputs": {…}, "idempotencyKey": "…"}.');
  const unknown = Object.keys(body).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    throw new AppError(
      'BAD_USER_INPUT',
      `The body has ${KNOWN.join(', ')}; there is no ${unknown.slice(0, 50)}.`,
    );
  const {
    inputs = null,
    idempotencyKey = null,
    ...settings
  }: Readonly<Record<string, unknown>> = { ...body };
  if (idempotencyKey !== null && typeof idempotencyKey !== 'string')
    throw new AppError('BAD_USER_INPUT', 'idempotencyKey is a text.');
  if (typeof header === 'string' && idempotencyKey !== null && header !== idempotencyKey)
    throw new AppError('BAD_USER_INPUT', 'The header Idempotency-Key and idempotencyKey of the body differ.');
  return {
    ...settings,
    inputs,
    idempotencyKey: idempotencyKey ?? (typeof header === 'string' ? header : null),
  };
}

/** A request that is well formed, but cannot be done as it is. */
const statusOf = (code: ErrorCode): number => (ERROR_CODES[code].http === 400 ? 422 : ERROR_CODES[code].http);

function sendRefusal(response: ServerResponse, userErrors: readonly UserError[]): void {
  const [first] = userErrors;
  if (first === undefined) throw new Error('neither a job nor a reason');
  const code = isErrorCode(first.code) ? first.code : 'INTERNAL';
  const errors = userErrors.map((one) => ({ ...one, path: one.path.slice(1) }));
  sendJson(response, statusOf(code), {
    error: { code, message: first.message, correlationId: currentCorrelation(), errors },
  });
}

/** The job with its URL, as the client reached this gateway. */
function present<J extends JobAnswer>(job: J, request: IncomingMessage) {
  const { definition, definitionVersion, ...rest } = job;
  return {
    ...rest,
    definition: definition === null ? null : { ...definition, version: definitionVersion?.number ?? null },
    url: `${baseOf(request)}/api/runs/${job.id}`,
  };
}
