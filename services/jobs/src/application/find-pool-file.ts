import { done, refused, type Outcome } from '@weft/errors';
import { unknownPoolFile } from '../domain/data-pool-file.js';
import type { Submission } from '../domain/submission.js';
import type { Ports } from './ports.js';

type Reading = Pick<Submission, 'organizationId' | 'dataArtifactId' | 'dataPoolFile'>;

/**
 * A submission whose data is a file of a data pool, with the artifact that this file is. What is not known yet is waited
 * for before anything is accepted: until then nobody could say which version is meant. Call it outside of transactions.
 */
export async function withPoolFile<S extends Reading>(
  { references, patience }: Pick<Ports, 'references' | 'patience'>,
  submission: S,
): Promise<Outcome<S>> {
  const { organizationId, dataPoolFile } = submission;
  if (dataPoolFile == null) return done(submission);
  const wait = patience();
  do {
    const dataArtifactId = await references.poolFile(organizationId, dataPoolFile);
    if (dataArtifactId !== undefined) return done({ ...submission, dataArtifactId });
  } while (await wait());
  return refused(unknownPoolFile(dataPoolFile));
}
