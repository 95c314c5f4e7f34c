import { principalsOf } from '@weft/contracts';
import { done, refused, type Outcome, type UserError } from '@weft/errors';
import type { Actor } from '@weft/identity';
import { unknownPoolFile } from '../domain/data-pool-file.js';
import { grantedPool, poolProblem } from '../domain/result-pool.js';
import type { Submission } from '../domain/submission.js';
import { isUuid } from '../domain/uuid.js';
import type { Ports } from './ports.js';
import type { ReferenceReader } from './reference-ports.js';

type Naming = Pick<Submission, 'organizationId' | 'dataArtifactId' | 'dataPoolFile' | 'resultPool'>;

/** Everything that a right on a data pool may be given to and that he is. */
export const principalsOfActor = (actor: Actor): string[] => (isUuid(actor.id) ? principalsOf(actor) : []);

/** The same of somebody of whom no more is known than for which organization he acts. */
export const principalsOfMember = (organizationId: string, userId: string): string[] =>
  isUuid(userId)
    ? principalsOf({ id: userId, organizations: [{ id: organizationId, role: 'MAINTAINER' }], teams: [] })
    : [];

/**
 * A submission with what it names in data pools: the artifact that its data is, and the pool for its results. What is not
 * known yet, or not granted, is waited for before anything is accepted: until then nobody could say which version of a
 * file is meant. Call it outside of transactions.
 */
export async function withPools<S extends Naming>(
  { references, patience }: Pick<Ports, 'references' | 'patience'>,
  submission: S,
): Promise<Outcome<S>> {
  const wait = patience();
  for (;;) {
    const found = await poolsNow(references, submission);
    if (found.ok || !found.errors.every(({ code }) => MAY_COME.has(code)) || !(await wait())) return found;
  }
}

const MAY_COME: ReadonlySet<UserError['code']> = new Set(['REFERENCE_UNKNOWN', 'FORBIDDEN']);

/** The same, without waiting. */
export async function poolsNow<S extends Naming>(
  references: Pick<ReferenceReader, 'pool' | 'poolFile'>,
  submission: S,
): Promise<Outcome<S>> {
  const { organizationId, dataPoolFile, resultPool } = submission;
  const errors: UserError[] = [];
  let found = submission;
  if (dataPoolFile != null) {
    const dataArtifactId = await references.poolFile(organizationId, dataPoolFile);
    if (dataArtifactId === undefined) errors.push(unknownPoolFile(dataPoolFile));
    else found = { ...found, dataArtifactId };
  }
  if (resultPool != null) {
    const known = await references.pool(resultPool.principals, resultPool.dataPoolId);
    const problem = poolProblem(resultPool, known);
    if (problem !== undefined) errors.push(problem);
    else if (known !== undefined) found = { ...found, resultPool: grantedPool(resultPool, known) };
  }
  return errors.length > 0 ? refused(...errors) : done(found);
}
