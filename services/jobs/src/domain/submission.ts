// What a submission may be: sizes, counts and forms (DESIGN §6). Pure; what is stored is checked elsewhere.
import type { JobKind, ResultPool } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { checkCommand, type Command } from './command.js';
import { checkPoolFile, type DataPoolFileRef } from './data-pool-file.js';
import { checkResultPool } from './result-pool.js';
import { isUuid, shown } from './uuid.js';
import type { WebhookRequest } from './webhook/webhook.js';

export const MAX_VALUE_BYTES = 1024 * 1024;
export const MAX_ITEMS = 300;
export const MAX_NAME = 200;
export const MAX_TAGS = 20;
export const MAX_ATTEMPTS = 10;
export const MAX_AHEAD_SECONDS = 366 * 24 * 3_600;
export const MAX_TIMEOUT_SECONDS = 7 * 24 * 3_600;

export interface Submission {
  readonly organizationId: string;
  readonly name: string;
  /** Either a service version or a command. */
  readonly serviceVersionId: string | null;
  readonly command: Command | null;
  /** Of the target; null: the target's limits and its first image. */
  readonly size: string | null;
  readonly image: string | null;
  readonly targetId: string;
  /** JSON text, or null. */
  readonly data: string | null;
  readonly dataArtifactId: string | null;
  /** Data by reference to a file of a data pool; it becomes the artifact that it is. */
  readonly dataPoolFile?: DataPoolFileRef | null;
  /** Where its results are to be put when it has succeeded. Until it is judged, with all that whoever asks is. */
  readonly resultPool?: ResultPool | null;
  readonly params: string | null;
  /** Params of each item as JSON text; a plain job has one item with none. */
  readonly items: readonly (string | null)[];
  readonly priority: number;
  readonly tags: readonly string[];
  readonly maxAttempts: number;
  readonly timeoutSeconds: number | null;
  /** No attempt before this time. */
  readonly startAt: Date | null;
  /** What is not done by then fails. */
  readonly deadline: Date | null;
  readonly idempotencyKey: string | null;
  readonly webhook?: WebhookRequest | undefined;
}

const plainText = (text: string): boolean =>
  text.isWellFormed() && ![...text].some((character) => character < ' ' || character === '\u007f');

const TARGET = /^[A-Za-z0-9_-]{1,64}$/;
const PROFILE = /^[a-z0-9-]{1,40}$/;

export const kindOf = (submission: Pick<Submission, 'command'>): JobKind =>
  submission.command === null ? 'MANAGED_SERVICE' : 'COMMAND';

/** Every rule at once, so that a client sees all that is wrong. */
export function checkSubmission(submission: Submission): UserError[] {
  const errors: UserError[] = [];
  const refuse = (message: string, ...path: string[]): void =>
    void errors.push(userError('BAD_USER_INPUT', message, 'input', ...path));
  const limit = (json: string | null, ...path: string[]): void => {
    if (json !== null && Buffer.byteLength(json) > MAX_VALUE_BYTES) {
      const message = `${path.at(-1)} has more than ${MAX_VALUE_BYTES} bytes of JSON; upload it and pass the artifact instead.`;
      errors.push(userError('PAYLOAD_TOO_LARGE', message, 'input', ...path));
    }
  };
  if (submission.name.trim() === '' || submission.name.length > MAX_NAME || !plainText(submission.name)) {
    refuse(`name must have 1 to ${MAX_NAME} characters and no control characters.`, 'name');
  }
  for (const field of ['serviceVersionId', 'dataArtifactId'] as const) {
    const id = submission[field];
    if (id !== null && !isUuid(id)) refuse(`${field} is a UUID, not ${shown(id)}.`, field);
  }
  if (!TARGET.test(submission.targetId))
    refuse(`targetId is 1 to 64 letters, digits, - and _, not ${shown(submission.targetId)}.`, 'targetId');
  if (submission.command === null && submission.serviceVersionId === null)
    refuse('Give either serviceVersionId or command: there is nothing to run.', 'serviceVersionId');
  if (submission.command !== null && submission.serviceVersionId !== null)
    refuse('Give either serviceVersionId or command, not both.', 'command');
  if (submission.command !== null) errors.push(...checkCommand(submission.command));
  for (const field of ['size', 'image'] as const) {
    const name = submission[field];
    if (name !== null && !PROFILE.test(name))
      refuse(`${field} is the name of one of the target's ${field}s.`, field);
  }
  if (submission.items.length < 1 || submission.items.length > MAX_ITEMS)
    refuse(`A job has 1 to ${MAX_ITEMS} items.`, 'items');
  if (submission.data !== null && submission.dataArtifactId !== null)
    refuse('Give data or dataArtifactId, not both.', 'dataArtifactId');
  if (submission.dataPoolFile != null) {
    if (submission.data !== null || submission.dataArtifactId !== null)
      refuse('Give data, dataArtifactId or dataPoolFile: one of them.', 'dataPoolFile');
    errors.push(...checkPoolFile(submission.dataPoolFile));
  }
  if (submission.resultPool != null)
    errors.push(...checkResultPool(submission.resultPool, submission.items.length > 1));
  limit(submission.data, 'data');
  limit(submission.params, 'params');
  let itemBytes = 0;
  for (const item of submission.items) itemBytes += item === null ? 0 : Buffer.byteLength(item);
  if (itemBytes > MAX_VALUE_BYTES) {
    errors.push(
      userError(
        'PAYLOAD_TOO_LARGE',
        `The params of all items together have more than ${MAX_VALUE_BYTES} bytes.`,
        'input',
        'items',
      ),
    );
  }
  if (!Number.isInteger(submission.priority) || Math.abs(submission.priority) > 100)
    refuse('priority is an integer from -100 to 100.', 'priority');
  if (submission.tags.length > MAX_TAGS) refuse(`At most ${MAX_TAGS} tags.`, 'tags');
  submission.tags.forEach((tag, index) => {
    if (tag.length < 1 || tag.length > 64 || !plainText(tag))
      refuse('A tag has 1 to 64 characters and no control characters.', 'tags', String(index));
  });
  if (
    !Number.isInteger(submission.maxAttempts) ||
    submission.maxAttempts < 1 ||
    submission.maxAttempts > MAX_ATTEMPTS
  ) {
    refuse(`maxAttempts is an integer from 1 to ${MAX_ATTEMPTS}.`, 'maxAttempts');
  }
  const seconds = submission.timeoutSeconds;
  if (seconds !== null && (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_TIMEOUT_SECONDS)) {
    refuse(`timeoutSeconds is an integer from 1 to ${MAX_TIMEOUT_SECONDS}.`, 'timeoutSeconds');
  }
  const key = submission.idempotencyKey;
  if (key !== null && (key.length < 1 || key.length > 200 || !plainText(key))) {
    refuse('idempotencyKey has 1 to 200 characters and no control characters.', 'idempotencyKey');
  }
  return errors;
}

/** Rules that need the clock. */
export function checkTimes({ startAt, deadline }: Submission, now: Date): UserError[] {
  const errors: UserError[] = [];
  const refuse = (message: string, field: string): void =>
    void errors.push(userError('BAD_USER_INPUT', message, 'input', field));
  const latest = now.getTime() + MAX_AHEAD_SECONDS * 1_000;
  if (startAt !== null && startAt.getTime() > latest) refuse('startAt is at most 366 days ahead.', 'startAt');
  if (deadline !== null && deadline.getTime() > latest)
    refuse('deadline is at most 366 days ahead.', 'deadline');
  if (deadline !== null && deadline <= now) refuse('deadline has passed already.', 'deadline');
  else if (deadline !== null && startAt !== null && startAt >= deadline)
    refuse('deadline must be later than startAt.', 'deadline');
  return errors;
}

/**
 * What makes two submissions the same under one idempotency key: everything but the key. What is not given leaves no
 * trace, so that a new field changes no text from before it; a secret is told by its fingerprint.
 */
export function submissionText(submission: Submission, fingerprint: (text: string) => string): string {
  const { command, size, image, startAt, deadline, dataPoolFile, resultPool, ...rest } = submission;
  const told = command && {
    ...command,
    environment: command.environment.map((one) =>
      one.secret ? { ...one, value: fingerprint(one.value) } : one,
    ),
  };
  return JSON.stringify({
    ...rest,
    // The file that was named stands for what it was when it was named first.
    ...(dataPoolFile == null ? {} : { dataArtifactId: null, dataPoolFile }),
    // What whoever asks is may change between two submissions that are the same.
    ...(resultPool == null
      ? {}
      : { resultPool: { dataPoolId: resultPool.dataPoolId, name: resultPool.name } }),
    idempotencyKey: null,
    command: told ?? undefined,
    size: size ?? undefined,
    image: image ?? undefined,
    startAt: startAt ?? undefined,
    deadline: deadline ?? undefined,
  });
}
