// A job that is stored and can be started again and again, each time with inputs of its own.
import type { JobKind } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { canonicalJson } from '../canonical-json.js';
import { checkSubmission, type Submission } from '../submission.js';

export const MAX_DESCRIPTION = 2_048;

/** JSON texts, up to 1 MB each. */
export interface DefinitionValues {
  readonly data: string | null;
  readonly params: string | null;
}

/** What a start submits, as a stored document: `format` counts its shapes, `kind` tells what the rest of it is about. */
export interface SubmissionTemplate extends DefinitionValues {
  readonly format: 1;
  readonly kind: JobKind;
  readonly serviceVersionId: string;
  readonly targetId: string;
  readonly dataArtifactId: string | null;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly maxAttempts: number;
  readonly timeoutSeconds: number | null;
}

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

/** Every rule that needs nothing but the content itself; whether the inputs are a JSON Schema is typed-inputs.ts. */
export function checkContent(organizationId: string, content: DefinitionContent): UserError[] {
  const errors = checkSubmission(submissionOf(organizationId, content, {}));
  const { description, template, inputs } = content;
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

/** What a start submits: each input goes into `params` under its own name, over what the template has there. */
export function submissionOf(
  organizationId: string,
  { name, template }: DefinitionContent,
  inputs: Readonly<Record<string, unknown>>,
): Submission {
  const { format: _format, kind: _kind, params, ...rest } = template;
  return {
    ...rest,
    organizationId,
    name,
    params: merged(params, inputs),
    items: [null],
    idempotencyKey: null,
    command: null,
    size: null,
    image: null,
  };
}

function merged(params: string | null, inputs: Readonly<Record<string, unknown>>): string | null {
  if (Object.keys(inputs).length === 0) return params;
  const base: unknown = params === null ? {} : JSON.parse(params);
  return JSON.stringify(isObject(base) ? { ...base, ...inputs } : inputs);
}

/** Refusals of the submission, told in the words of the start: what came from an input is said of that input. */
export const asToldOfInputs = (
  errors: readonly UserError[],
  inputs: Readonly<Record<string, unknown>>,
): UserError[] =>
  errors.map((error) => {
    const [, field, name, ...inside] = error.path;
    if (field === 'params' && name !== undefined && Object.hasOwn(inputs, name))
      return { ...error, path: ['input', 'inputs', name, ...inside] };
    if (field === 'params' && Object.keys(inputs).length > 0) return { ...error, path: ['input', 'inputs'] };
    return {
      ...error,
      message: `The definition cannot run as it is. ${error.message}`,
      path: ['input', 'id'],
    };
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
