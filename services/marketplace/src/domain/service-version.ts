import { userError, type UserError } from '@weft/errors';
import { canApply, type ServiceVersionState } from './service-version-lifecycle.js';
import { descriptionProblems } from './text-rules.js';

export const RUNTIMES = ['NODEJS', 'PYTHON'] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** One runnable state of a service. Its code and its schemas never change; what changes is who may run it. */
export interface ServiceVersion {
  readonly id: string;
  readonly serviceId: string;
  /** Unique in its service. */
  readonly version: string;
  readonly description: string;
  readonly lifecycle: ServiceVersionState;
  readonly codeArtifactId: string;
  readonly runtime: Runtime;
  /** JSON Schemas of `data` and `params`; null accepts anything. */
  readonly dataSchema: unknown;
  readonly paramsSchema: unknown;
  /** Counts the changes of this version; orders the news of it. */
  readonly seq: number;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
}

const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/;
const ARTIFACT_ID = /^[A-Za-z0-9_-]{1,128}$/;

export interface NewServiceVersion {
  readonly version: string;
  readonly description: string;
  readonly code: { readonly artifactId: string; readonly runtime: Runtime };
  readonly dataSchema: unknown;
  readonly paramsSchema: unknown;
}

/** Every rule but those of its schemas: judging these may take long, and is done elsewhere. */
export const newServiceVersionProblems = (wish: NewServiceVersion): UserError[] => [
  ...(VERSION.test(wish.version)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          'A version has 1 to 64 letters, digits and the signs . + _ -, beginning with a letter or digit, for example "1.0.0".',
          'input',
          'version',
        ),
      ]),
  ...descriptionProblems(wish.description, 'input', 'description'),
  ...(ARTIFACT_ID.test(wish.code.artifactId)
    ? []
    : [userError('BAD_USER_INPUT', 'This is not the id of an artifact.', 'input', 'code', 'artifactId')]),
];

/** The version as it is once published; undefined when its state has no such edge. */
export const publish = (version: ServiceVersion): ServiceVersion | undefined =>
  canApply('publish', version.lifecycle)
    ? { ...version, lifecycle: 'PUBLISHED', seq: version.seq + 1 }
    : undefined;
