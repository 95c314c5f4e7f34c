// What people change of a job beside its lifecycle: how it is called, who owns it, whether it is kept.
import type { JobKind, JobState } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { MAX_NAME, MAX_TAGS } from './submission.js';

export const MAX_JOB_DESCRIPTION = 2_048;

export const RECORD_ACTIONS = ['UPDATED', 'TRANSFERRED', 'DELETED', 'DISMISSED'] as const;
export type RecordAction = (typeof RECORD_ACTIONS)[number];

export interface JobRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly description: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly kind: JobKind;
  readonly state: JobState;
  readonly seq: number;
  readonly correlationId: string;
  readonly batchId: string | null;
}

/** What is left out stays as it is. */
export interface RecordPatch {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
  readonly tags?: readonly string[] | undefined;
}

export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

const FIELDS = ['name', 'description', 'priority', 'tags'] as const;

const plain = (text: string, allowed = ''): boolean =>
  text.isWellFormed() && ![...text].some((one) => (one < ' ' || one === '\u007f') && !allowed.includes(one));

export function checkPatch({ name, description, priority, tags }: RecordPatch): UserError[] {
  const errors: UserError[] = [];
  const refuse = (message: string, ...path: string[]): void =>
    void errors.push(userError('BAD_USER_INPUT', message, 'input', ...path));
  if (name !== undefined && (name.trim() === '' || name.length > MAX_NAME || !plain(name)))
    refuse(`name must have 1 to ${MAX_NAME} characters and no control characters.`, 'name');
  if (
    description !== undefined &&
    (description.length > MAX_JOB_DESCRIPTION || !plain(description, '\n\r\t'))
  )
    refuse(
      `description is well-formed text of at most ${MAX_JOB_DESCRIPTION} characters; of control characters only line breaks and tabs.`,
      'description',
    );
  if (priority !== undefined && (!Number.isInteger(priority) || Math.abs(priority) > 100))
    refuse('priority is an integer from -100 to 100.', 'priority');
  if (tags !== undefined && tags.length > MAX_TAGS) refuse(`At most ${MAX_TAGS} tags.`, 'tags');
  tags?.forEach((tag, index) => {
    if (tag.length < 1 || tag.length > 64 || !plain(tag))
      refuse('A tag has 1 to 64 characters and no control characters.', 'tags', String(index));
  });
  return errors;
}

/** The fields that the patch makes different. */
export const changesOf = (record: JobRecord, patch: RecordPatch): FieldChange[] =>
  FIELDS.flatMap((field) => {
    const [from, to] = [record[field], patch[field]];
    return to === undefined || JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }];
  });
