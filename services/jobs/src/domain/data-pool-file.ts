// Data of a job by reference to a file of a data pool. What is stored of it is the artifact that it is.
import { userError, type UserError } from '@weft/errors';
import { isUuid, shown } from './uuid.js';

export interface DataPoolFileRef {
  readonly dataPoolId: string;
  /** Either the last version of a name, or one version by its id. */
  readonly name: string | null;
  readonly fileId: string | null;
}

const MAX_NAME = 500;

export function checkPoolFile({ dataPoolId, name, fileId }: DataPoolFileRef): UserError[] {
  const errors: UserError[] = [];
  const refuse = (message: string, field: string): void =>
    void errors.push(userError('BAD_USER_INPUT', message, 'input', 'dataPoolFile', field));
  if (!isUuid(dataPoolId)) refuse(`dataPoolId is a UUID, not ${shown(dataPoolId)}.`, 'dataPoolId');
  if (fileId !== null && !isUuid(fileId)) refuse(`fileId is a UUID, not ${shown(fileId)}.`, 'fileId');
  if ((name === null) === (fileId === null)) refuse('Give either name or fileId.', 'name');
  if (
    name !== null &&
    (name === '' || name.length > MAX_NAME || !name.isWellFormed() || /\p{Cc}/u.test(name))
  )
    refuse(`name has 1 to ${MAX_NAME} characters and no control characters.`, 'name');
  return errors;
}

/** The same words for what is not there, what was taken out, and what is not for this organization. */
export const unknownPoolFile = ({ name, fileId }: DataPoolFileRef): UserError =>
  userError(
    'REFERENCE_UNKNOWN',
    `The data pool has no file ${shown(name ?? fileId ?? '')} that this organization may read, or there is no such pool. A pool of another organization has to be shared (DATA_READ) with the organization of the job as a whole, or with everyone.`,
    'input',
    'dataPoolFile',
  );
