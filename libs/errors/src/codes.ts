/**
 * The catalogue of every stable error code. A code is a promise to clients: it is added, never renamed.
 * Each entry says what the code means, who is to blame, how loudly it is logged and whether trying again can help.
 */
export interface ErrorCodeEntry {
  /** What happened, in one sentence that a client developer can read. */
  readonly meaning: string;
  /** HTTP status used where the transport has one. */
  readonly http: number;
  /** `warn` for what the caller did, `error` for what we did. */
  readonly level: 'warn' | 'error';
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
}

const refusal = (meaning: string, http = 400): ErrorCodeEntry => ({
  meaning,
  http,
  level: 'warn',
  retryable: false,
});
const busy = (meaning: string, http = 503): ErrorCodeEntry => ({
  meaning,
  http,
  level: 'warn',
  retryable: true,
});

export const ERROR_CODES = {
  // Who is asking
  UNAUTHENTICATED: refusal('No valid credential came with the request.', 401),
  FORBIDDEN: refusal('The caller is known, but has not the role or scope that this needs.', 403),
  // What is asked
  BAD_USER_INPUT: refusal('A value in the request is not of the form that the field documents.'),
  GRAPHQL_PARSE_FAILED: refusal('The GraphQL document has a syntax error.'),
  GRAPHQL_VALIDATION_FAILED: refusal('The GraphQL document does not fit the schema.'),
  NOT_FOUND: refusal('Nothing with this id exists that the caller may see.', 404),
  CONFLICT: refusal('The request contradicts what is stored, for example a name that is taken.', 409),
  PAYLOAD_TOO_LARGE: refusal(
    'A value is larger than its documented limit; pass it by reference to an uploaded artifact.',
    413,
  ),
  IDEMPOTENCY_CONFLICT: refusal(
    'The idempotency key or client-chosen id was used before with a different input.',
    409,
  ),
  // Jobs
  JOB_ILLEGAL_TRANSITION: refusal('The lifecycle has no such edge from the present state.', 409),
  JOB_ALREADY_FINAL: refusal('The job has ended; a final job is frozen for ever.', 409),
  JOB_NOT_FINAL: refusal('The job has not ended yet; this needs one that has.', 409),
  JOB_NOTHING_TO_RETRY: refusal('No item of the job failed, so there is nothing to retry.', 409),
  REFERENCE_UNKNOWN: refusal(
    'The service version, target or artifact that the job names does not exist for this organization.',
  ),
  TARGET_INCOMPATIBLE: refusal('The target does not accept this kind of job or this runtime.'),
  INPUT_SCHEMA_VIOLATION: refusal(
    'The data, params or inputs do not fit the JSON Schema of the service version or definition.',
  ),
  SCHEMA_TOO_EXPENSIVE: refusal(
    'Checking against this JSON Schema, or making it ready for that, takes more time or memory than it may.',
  ),
  SCHEMA_CHECKS_BUSY: busy(
    'The checks against JSON Schemas that the organization asked for take too long; wait and try again.',
    429,
  ),
  WEBHOOK_URL_REFUSED: refusal('The URL of the webhook is not one that this platform sends to.'),
  LEASE_LOST: refusal('The attempt is no longer the accepted one; its worker must stop.', 409),
  ATTEMPT_UNKNOWN: busy('This attempt is not known here yet; send again shortly.', 409),
  QUEUE_FULL: busy('The organization has as many queued jobs as it may have.', 429),
  // What ended a job's item
  SERVICE_EXCEPTION: refusal('The code of the service threw an exception; its traceback is in the log.'),
  SERVICE_INVALID: refusal(
    'The code of the service could not be loaded or has no run(data, params) function.',
  ),
  COMMAND_FAILED: refusal(
    'The command or its start script ended with another exit code than 0; the message has the code and the last lines of stderr.',
  ),
  RESULT_INVALID: refusal('The service returned a value that cannot be written as JSON.'),
  TIMEOUT: refusal('The run took longer than its time limit and was ended.'),
  DEADLINE_EXCEEDED: refusal('The deadline of the job passed before it could finish.'),
  OUT_OF_MEMORY: refusal('The run needed more memory than its limit and was ended.'),
  PROCESS_LIMIT_EXCEEDED: refusal('The run started more processes or threads than its limit.'),
  DISK_LIMIT_EXCEEDED: refusal('The run wrote more to its disk than its limit.'),
  LOG_LIMIT_EXCEEDED: refusal('The run wrote more log than its limit and was ended.'),
  RESULT_TOO_LARGE: refusal('The result is larger than the target accepts.'),
  PROCESS_CRASHED: refusal('The process of the run ended by a signal or without giving a result.'),
  WORKER_LOST: refusal('The workers that ran this job disappeared too often.'),
  OPERATION_UNKNOWN: refusal('The registry has no operation of the name that its job gives.'),
  RUNTIME_UNAVAILABLE: refusal('The worker has no runtime for the language of this service.'),
  INPUT_UNAVAILABLE: busy('The worker could not fetch the code or the input of the run.'),
  SECRET_UNREADABLE: refusal(
    'A secret of the job, or of its definition, cannot be decrypted: the key that encrypted it is not among the keys of the platform any more.',
  ),
  CANCELLED: refusal('The run was cancelled.'),
  // Registered items
  ITEM_REFERENCE_INVALID: refusal(
    'The metadata names an item that does not exist, or is not of the type that belongs there.',
  ),
  ITEM_INCOMPLETE: refusal('The item is a seed: it has its identifier and no content yet.', 409),
  ITEM_NOT_LATEST: refusal('Only the latest version of an item can have a next one.', 409),
  ITEM_LOCKED: refusal('The item is locked against changes.', 409),
  ITEM_READ_ONLY: refusal('Items of this type are written by the registry itself.', 409),
  ITEM_WITHDRAWN: refusal('The item was withdrawn; what is left of it stays as it is.', 409),
  // Data pools
  DATA_POOL_LOCKED: refusal(
    'The files of the data pool do not change while its release is asked for or given.',
    409,
  ),
  DATA_POOL_SEALED: refusal('The data pool is sealed: its files stay as they are for ever.', 409),
  MODEL_RUN_INVALID: refusal(
    'The record of a model run does not fit its workflow template, or what it names; each error has its path.',
  ),
  MODEL_RUN_DUPLICATE: refusal('The organization has registered the same model run already.', 409),
  CSV_MALFORMED: refusal(
    'The text is no CSV of this kind; the message names the row and the column and what is wrong there.',
  ),
  // Provenance
  ITEM_METADATA_INVALID: refusal(
    'The metadata does not fit the JSON Schema of its item type, or breaks a rule of the type; each error has its path.',
  ),
  PROV_MALFORMED: refusal(
    'The text is no PROV document; the message names the place (JSON Pointer, or line and column) and what is wrong there.',
  ),
  PROV_INVALID: refusal(
    'The document contradicts PROV-CONSTRAINTS; the message names the first constraint that is broken.',
  ),
  PROV_TOO_EXPENSIVE: refusal('Reading or judging this PROV document takes more time or memory than it may.'),
  // The platform
  RATE_LIMITED: busy('Too many requests; wait and try again.', 429),
  QUERY_TOO_COMPLEX: refusal('The query is deeper, wider or costlier than the gateway allows.'),
  READ_TOO_EXPENSIVE: busy(
    'Reading this took longer than it may. Ask for less, for example a smaller depth or page, or again when less is going on.',
  ),
  SERVICE_UNAVAILABLE: busy('A part of the platform cannot be reached at the moment.'),
  SUBSCRIPTION_REVOKED: refusal('The credential behind this subscription was revoked or has expired.', 401),
  CONFIG_INVALID: { meaning: 'A setting is missing or wrong.', http: 500, level: 'error', retryable: false },
  INTERNAL: {
    meaning: 'Something unexpected happened; quote the correlation id to the operator.',
    http: 500,
    level: 'error',
    retryable: true,
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
