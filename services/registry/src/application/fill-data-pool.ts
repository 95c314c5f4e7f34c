// The files of data pools: what comes in is a stored file that the caller may give away, named as it is to be found.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { hasRole } from '@weft/identity';
import { MOST_FILES, type DataPool, type DataPoolFile } from '../domain/data-pool.js';
import { fileProblems, type FileDescription } from '../domain/data-pool-rules.js';
import type { DataPoolPorts, DataPoolWork, KnownArtifact } from './data-pool-ports.js';
import { lockedPool, requireOpen } from './data-pool-rights.js';
import { UUID } from './govern-item.js';
import type { Caller } from './item-ports.js';
import { writerOf, type Writer } from './item-rights.js';
import type { KeptDataPool } from './keep-data-pool.js';
import { NotKnownYet, whenKnown } from './when-known.js';

export interface KeptFile extends KeptDataPool {
  readonly fileId: string;
}

export interface AddDataPoolFileInput extends FileDescription {
  readonly dataPoolId: string;
  readonly artifactId: string;
}

const NO_SUCH_ARTIFACT =
  'No stored file with this id exists that you may put here. Upload it (createUpload) to the organization of the data pool; to give files of another organization you need the role MAINTAINER there.';

/** Under a name that is taken, it is the next version of that file. The same content under the same name again changes nothing. */
export const addDataPoolFile =
  (ports: DataPoolPorts) =>
  (caller: Caller, input: AddDataPoolFileInput): Promise<Outcome<KeptFile>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await fillable(tx, writer, input);
        const artifact = await found(tx, input.artifactId);
        if (artifact === undefined) throw new NotKnownYet(NO_SUCH_ARTIFACT, 'input', 'artifactId');
        if (!mayGive(writer, pool, artifact))
          refuse('REFERENCE_UNKNOWN', NO_SUCH_ARTIFACT, 'input', 'artifactId');
        return addFile(ports, tx, byOf(writer, caller), pool, artifact, { ...input, source: null });
      }),
    );

export interface SaveJobResultInput extends FileDescription {
  readonly dataPoolId: string;
  readonly jobId: string;
  readonly itemIndex?: number | null;
}

const NO_SUCH_RESULT =
  'No result of this item of a job is known that you may see. Only an item that succeeded, of a job that has ended, has one.';

/** A result becomes a file as the entity that provenance knows already: where it came from need not be told. */
export const saveJobResultToDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, input: SaveJobResultInput): Promise<Outcome<KeptFile>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await fillable(tx, writer, input);
        const itemIndex = input.itemIndex ?? 0;
        const result = UUID.test(input.jobId)
          ? await tx.result(input.jobId, itemIndex, writer.principals)
          : undefined;
        if (result === undefined) throw new NotKnownYet(NO_SUCH_RESULT, 'input', 'jobId');
        if (result.artifactId === null)
          refuse(
            'BAD_USER_INPUT',
            'This result is a value, which is kept with the job (JobItem.result); only results that are files can be saved. Upload the value (createUpload) and add it with addDataPoolFile.',
            'input',
            'itemIndex',
          );
        const artifact = await tx.artifact(result.artifactId);
        if (artifact === undefined) throw new NotKnownYet(NO_SUCH_RESULT, 'input', 'jobId');
        if (!mayGive(writer, pool, artifact)) refuse('REFERENCE_UNKNOWN', NO_SUCH_ARTIFACT, 'input', 'jobId');
        const source = { jobId: result.jobId, itemIndex };
        return addFile(ports, tx, byOf(writer, caller), pool, artifact, { ...input, source });
      }),
    );

async function fillable(
  tx: DataPoolWork,
  writer: Writer,
  input: FileDescription & { readonly dataPoolId: string },
): Promise<DataPool> {
  const pool = await lockedPool(tx, writer, input.dataPoolId, 'DATA_WRITE', 'input', 'dataPoolId');
  requireOpen(pool, 'input', 'dataPoolId');
  refuseFor(fileProblems(input));
  return pool;
}

const found = (tx: DataPoolWork, artifactId: string): Promise<KnownArtifact | undefined> =>
  UUID.test(artifactId) ? tx.artifact(artifactId) : Promise.resolve(undefined);

const byOf = ({ userId }: Writer, { correlationId }: Caller) => ({ userId, correlationId });

/** Members may read what their organization stored, so they may put it where it stays in the organization; away from there is more. */
const mayGive = ({ actor }: Writer, pool: DataPool, { organizationId }: KnownArtifact): boolean =>
  organizationId !== null &&
  hasRole(actor, organizationId, organizationId === pool.organizationId ? 'VIEWER' : 'MAINTAINER');

/** @param by who adds it, and in which request. */
export async function addFile(
  { newId }: Pick<DataPoolPorts, 'newId'>,
  tx: DataPoolWork,
  by: { readonly userId: string; readonly correlationId: string },
  pool: DataPool,
  artifact: KnownArtifact,
  { name, ...told }: FileDescription & Pick<DataPoolFile, 'source'>,
): Promise<KeptFile> {
  const before = await tx.currentFile(pool, name);
  if (before?.artifactId === artifact.id) return { dataPoolId: pool.id, fileId: before.id };
  if ((await tx.countFiles(pool)) >= MOST_FILES)
    refuse(
      'CONFLICT',
      `A data pool has at most ${MOST_FILES} files, earlier versions counted: take some out, or the earlier versions by pruneDataPool.`,
      'input',
      'dataPoolId',
    );
  const { size, sha256 } = artifact;
  const file = await tx.addFile(
    pool,
    {
      ...{ id: newId(), name, artifactId: artifact.id, size, sha256, source: told.source },
      mediaType: told.mediaType ?? artifact.mediaType,
      format: told.format ?? null,
      licence: told.licence ?? null,
      description: told.description ?? '',
      addedBy: by.userId,
    },
    artifact,
  );
  await tx.tellFiles([file], false, by.correlationId);
  return { dataPoolId: pool.id, fileId: file.id };
}

export interface RemoveDataPoolFileInput {
  readonly dataPoolId: string;
  readonly name: string;
}

/** Takes a file out, with its earlier versions. */
export const removeDataPoolFile =
  (ports: DataPoolPorts) =>
  (caller: Caller, { dataPoolId, name }: RemoveDataPoolFileInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, dataPoolId, 'DATA_WRITE', 'input', 'dataPoolId');
        requireOpen(pool, 'input', 'dataPoolId');
        const gone = await tx.takeOut(pool, { name }, writer.userId);
        if (gone.length === 0)
          refuse('NOT_FOUND', 'The data pool has no file of this name.', 'input', 'name');
        await tx.tellFiles(gone, true, caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );

export interface PruneDataPoolInput {
  readonly id: string;
}

/** Lets go of the earlier versions of all files. */
export const pruneDataPool =
  (ports: DataPoolPorts) =>
  (caller: Caller, { id }: PruneDataPoolInput): Promise<Outcome<KeptDataPool>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const pool = await lockedPool(tx, writer, id, 'DATA_WRITE', 'input', 'id');
        requireOpen(pool, 'input', 'id');
        await tx.tellFiles(await tx.takeOut(pool, 'EARLIER', writer.userId), true, caller.correlationId);
        return { dataPoolId: pool.id };
      }),
    );
