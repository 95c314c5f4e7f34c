// A job that is stored and can be started again and again, each time with inputs of its own.
import type { JobKind, ResultPool } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { canonicalJson } from '../canonical-json.js';
import type { Command, StoredCommand } from '../command.js';
import type { DataPoolFileRef } from '../data-pool-file.js';
import { checkSubmission, MAX_AHEAD_SECONDS, type Submission } from '../submission.js';
import { commandOfDraft, type DefinitionDraft } from './draft.js';

export const MAX_CONCURRENCY = 10_000;
export const MAX_DESCRIPTION = 2_048;

/** What can be large: it is kept beside the template, and lists leave it where it is. */
export interface DefinitionValues {
  /** JSON texts, up to 1 MB each. */
  readonly data: string | null;
  readonly params: string | null;
  /** What the jobs of a definition of kind COMMAND run, its secrets sealed for the definition. */
  readonly command: StoredCommand | null;
}

/** Who starts it says as what. */
export type ResultPoolName = Pick<ResultPool, 'dataPoolId' | 'name'>;

/** What a template says by itself, whether it is drafted or stored. */
export interface TemplateBase extends Pick<DefinitionValues, 'data' | 'params'> {
  /** Null where there is a command. */
  readonly serviceVersionId: string | null;
  readonly targetId: string;
  readonly dataArtifactId: string | null;
  /** Looked up at each start; left out where there is none, as in templates from before there were any. */
  readonly dataPoolFile?: DataPoolFileRef;
  readonly resultPool?: ResultPoolName;
  readonly size: string | null;
  readonly image: string | null;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly maxAttempts: number;
  readonly timeoutSeconds: number | null;
  /** How long after its start a job must have ended; null: no limit of its own. */
  readonly deadlineSeconds: number | null;
  /** How many attempts of its jobs run at once; null: no limit of its own. */
  readonly concurrency: number | null;
}

/** The webhook of every job that is started. */
export interface StoredWebhook {
  readonly url: string;
  /** Sealed for the organization: each job takes it along as it is. */
  readonly sealedSecret: string;
}

/** What a start submits, as a stored document: `format` counts its shapes, `kind` tells what the rest of it is about. */
export interface SubmissionTemplate extends TemplateBase, DefinitionValues {
  readonly format: 1;
  readonly kind: JobKind;
  readonly codeArtifactId: string | null;
  readonly webhook: StoredWebhook | null;
}

/** What one start may have otherwise than the definition says; what is left out is as it says. */
export type StartSettings = Partial<Pick<Submission, 'name' | 'priority' | 'tags' | 'startAt' | 'deadline'>>;

/** Everything about a definition that makes a new version when it changes. */
export interface DefinitionContent {
  readonly name: string;
  readonly description: string;
  readonly template: SubmissionTemplate;
  /** JSON Schema of the inputs of a start; null: it takes none. */
  readonly inputs: unknown;
}

export interface DefinitionVersion extends DefinitionContent {
  readonly definitionId: string;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export interface JobDefinition {
  readonly id: string;
  readonly organizationId: string;
  /** Unique among the definitions of the organization that are not deleted. */
  readonly name: string;
  /** Of the last version, counted from 1. */
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Starts no more; its jobs still tell of it. */
  readonly deletedAt: Date | null;
}

export const sameContent = (a: DefinitionContent, b: DefinitionContent): boolean =>
  contentText(a) === contentText(b);

const contentText = ({ name, description, template, inputs }: DefinitionContent): string =>
  canonicalJson([name, description, template, inputs]);

/** Every rule that needs nothing but the draft itself; whether the inputs are a JSON Schema is typed-inputs.ts. */
export function checkDraft(organizationId: string, draft: DefinitionDraft): UserError[] {
  const { description, template, inputs } = draft;
  const command = template.command && commandOfDraft(template.command, () => '');
  const errors = checkSubmission(submissionOf(organizationId, draft, command, {}));
  const most = { concurrency: MAX_CONCURRENCY, deadlineSeconds: MAX_AHEAD_SECONDS };
  for (const field of ['concurrency', 'deadlineSeconds'] as const) {
    const given = template[field];
    if (given === null || (Number.isInteger(given) && given >= 1 && given <= most[field])) continue;
    const message = `${field} is an integer from 1 to ${most[field]}.`;
    errors.push(userError('BAD_USER_INPUT', message, 'input', field));
  }
  for (const [index, { secret, value }] of (template.command?.environment ?? []).entries())
    if (value === null && !secret)
      errors.push(
        userError(
          'BAD_USER_INPUT',
          'Only a secret can be left without a value: it keeps the one that it has.',
          'input',
          'command',
          'environment',
          String(index),
          'value',
        ),
      );
  if (description.length > MAX_DESCRIPTION || !description.isWellFormed() || description.includes('\0'))
    errors.push(
      userError(
        'BAD_USER_INPUT',
        `description has up to ${MAX_DESCRIPTION} characters, none of them U+0000.`,
        'input',
        'description',
      ),
    );
  if (inputs !== null && template.params !== null && !isObject(JSON.parse(template.params)))
    errors.push(
      userError(
        'BAD_USER_INPUT',
        'params must be an object where there are inputs: these are merged into it by name.',
        'input',
        'params',
      ),
    );
  return errors;
}

/**
 * What a start submits: each input goes into `params` under its own name, over what the template has there.
 * @param command that of the template, with its secrets in the clear.
 * @param principals what whoever starts it is.
 */
export function submissionOf(
  organizationId: string,
  { name, template }: { readonly name: string; readonly template: TemplateBase },
  command: Command | null,
  inputs: Readonly<Record<string, unknown>>,
  principals: readonly string[] = [],
): Submission {
  const { dataPoolFile, resultPool } = template;
  return {
    organizationId,
    name,
    serviceVersionId: template.serviceVersionId,
    command,
    size: template.size,
    image: template.image,
    targetId: template.targetId,
    data: template.data,
    dataArtifactId: template.dataArtifactId,
    ...(dataPoolFile === undefined ? {} : { dataPoolFile }),
    ...(resultPool === undefined ? {} : { resultPool: { ...resultPool, principals: [...principals] } }),
    params: merged(template.params, inputs),
    items: [null],
    priority: template.priority,
    tags: template.tags,
    maxAttempts: template.maxAttempts,
    timeoutSeconds: template.timeoutSeconds,
    startAt: null,
    deadline: null,
    idempotencyKey: null,
  };
}

function merged(params: string | null, inputs: Readonly<Record<string, unknown>>): string | null {
  if (Object.keys(inputs).length === 0) return params;
  const base: unknown = params === null ? {} : JSON.parse(params);
  return JSON.stringify(isObject(base) ? { ...base, ...inputs } : inputs);
}

/** Refusals of the submission, told in the words of the start: what came from an input or a setting is said of that. */
export const asToldOfInputs = (
  errors: readonly UserError[],
  inputs: Readonly<Record<string, unknown>>,
  settings: StartSettings = {},
): UserError[] =>
  errors.map((error) => {
    const [, field, name, ...inside] = error.path;
    if (field === 'params' && name !== undefined && Object.hasOwn(inputs, name))
      return { ...error, path: ['input', 'inputs', name, ...inside] };
    if (field === 'params' && Object.keys(inputs).length > 0) return { ...error, path: ['input', 'inputs'] };
    if (Object.hasOwn(settings, field ?? '')) return error;
    return {
      ...error,
      message: `The definition cannot run as it is. ${error.message}`,
      path: ['input', 'id'],
    };
  });

/** When a job must have ended that is started now, or later where the start says so. */
export function deadlineOf(
  { deadlineSeconds }: Pick<TemplateBase, 'deadlineSeconds'>,
  { startAt = null }: StartSettings,
  now: Date,
): Date | null {
  if (deadlineSeconds === null) return null;
  return new Date(Math.max(now.getTime(), startAt?.getTime() ?? 0) + deadlineSeconds * 1_000);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
