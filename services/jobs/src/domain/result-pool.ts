// The data pool that is to keep the results of a job. The registry puts them there when the job has succeeded; here it is
// judged, by a copy, whether it would do so now.
import { isFileName, RESULT_PLACEHOLDERS, resultFileName, type ResultPool } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { isUuid, shown } from './uuid.js';

/** What is known here of a pool into which somebody wants to put files; of one that he may not see nothing is. */
export interface KnownPool {
  readonly sealed: boolean;
  /** False: its release is asked for or given. */
  readonly takesFiles: boolean;
  readonly writers: readonly string[];
}

/** In the message of a job; whoever has more principals is known by those that open the pool. */
const MOST_PRINCIPALS = 64;

const POOL = ['input', 'resultPool'] as const;

/** @param severalItems the name has to tell their results apart. */
export function checkResultPool({ dataPoolId, name }: ResultPool, severalItems: boolean): UserError[] {
  const errors: UserError[] = [];
  const refuse = (message: string, field: string): void =>
    void errors.push(userError('BAD_USER_INPUT', message, ...POOL, field));
  if (!isUuid(dataPoolId)) refuse(`dataPoolId is a UUID, not ${shown(dataPoolId)}.`, 'dataPoolId');
  const rest = RESULT_PLACEHOLDERS.reduce((text, placeholder) => text.replaceAll(placeholder, ''), name);
  const sample = { jobId: '00000000-0000-0000-0000-000000000000', jobName: 'x'.repeat(200), index: 299 };
  if (/[{}]/.test(rest))
    refuse(`name has no other placeholders than ${RESULT_PLACEHOLDERS.join(', ')}.`, 'name');
  else if (!isFileName(resultFileName(name, sample)))
    refuse(
      'name makes the name of a file of a data pool: 1 to 500 characters once it is filled in, folders are parted by "/", without empty ones, "." and "..", backslashes and control characters.',
      'name',
    );
  if (severalItems && !name.includes('{index}'))
    refuse('A job of several items needs {index} in name, or they would write over each other.', 'name');
  return errors;
}

/** Results of the jobs of a batch must not become versions of one file. */
export const checkResultPoolOfBatch = ({ name }: ResultPool): UserError[] =>
  name.includes('{jobId}') || name.includes('{name}')
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          'The jobs of a batch need {jobId} or {name} in name, or they would write over each other.',
          ...POOL,
          'name',
        ),
      ];

/** As jobs carry it. */
export function grantedPool(asked: ResultPool, known: KnownPool): ResultPool {
  const opens = (principal: string): boolean => known.writers.includes(principal);
  const principals = [
    ...asked.principals.filter(opens),
    ...asked.principals.filter((principal) => !opens(principal)),
  ];
  return { ...asked, principals: principals.slice(0, MOST_PRINCIPALS) };
}

/** Undefined: nothing is known that speaks against it. */
export function poolProblem({ principals }: ResultPool, known: KnownPool | undefined): UserError | undefined {
  if (known === undefined)
    return userError(
      'REFERENCE_UNKNOWN',
      'There is no data pool of this id that you may see.',
      ...POOL,
      'dataPoolId',
    );
  if (!known.writers.some((writer) => principals.includes(writer)))
    return userError(
      'FORBIDDEN',
      'To put results into the data pool you need the role DATA_WRITE on it; who administers it may grant it.',
      ...POOL,
      'dataPoolId',
    );
  if (known.sealed)
    return userError(
      'DATA_POOL_SEALED',
      'The data pool is sealed: it takes no results any more. Name another one.',
      ...POOL,
      'dataPoolId',
    );
  if (!known.takesFiles)
    return userError(
      'DATA_POOL_LOCKED',
      'The release of the data pool is asked for or given: it takes no results. Name another one.',
      ...POOL,
      'dataPoolId',
    );
  return undefined;
}
