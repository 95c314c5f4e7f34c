import { refuse, refuseFor, type Outcome } from '@weft/errors';
import { defaultGrants } from '../domain/access.js';
import type { ItemData } from '../domain/item-data.js';
import { insertItem, type CreatedItem } from './create-item.js';
import { storedFile } from './dataset-data.js';
import { judgedContent, schemaVersionFor, type Metadata } from './item-content.js';
import type { Caller, ItemDataWork, ItemPorts, RecordedResult } from './item-ports.js';
import { ownerOrganization, writerOf } from './item-rights.js';
import { repeated, requestKeyOf } from './request-key.js';
import { whenKnown } from './when-known.js';

export interface RegisterJobResultInput {
  readonly jobId: string;
  /** Which item of the job made it; 0 for a job of one. */
  readonly itemIndex?: number | null;
  readonly name?: string | null;
  readonly metadata: Metadata;
  readonly schemaVersion?: number | null;
  readonly tags?: readonly string[] | null;
  readonly idempotencyKey?: string | null;
}

/**
 * Makes a dataset of what a job made. It stays the entity that it is, with id, hash and lineage: the run has generated it,
 * and its registration does not do so once more (PROV-CONSTRAINTS 39).
 */
export const registerJobResult =
  (ports: ItemPorts) =>
  (caller: Caller, input: RegisterJobResultInput): Promise<Outcome<CreatedItem>> =>
    whenKnown(ports.patience, () =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const { jobId, itemIndex, name, metadata, tags, idempotencyKey, ...rest } = input;
        const index = itemIndex ?? 0;
        if (index < 0) refuse('BAD_USER_INPUT', 'Items are counted from 0.', 'input', 'itemIndex');
        const result = await tx.lockResult(jobId, index, writer.principals);
        if (result === undefined) refuse('NOT_FOUND', NO_SUCH_RESULT, 'input', 'jobId');
        const { organizationId } = result;
        ownerOrganization(writer, organizationId, 'input', 'jobId');
        const { idempotencyKey: _key, ...asked } = { ...input, itemIndex: index };
        const key = requestKeyOf(ports, organizationId, idempotencyKey, asked);
        const known = key === undefined ? undefined : await tx.takeRequestKey(key);
        if (known !== undefined) return repeated(known, key?.inputHash);
        if (result.registered)
          refuse(
            'CONFLICT',
            `This result is registered already: it is the item ${result.id}.`,
            'input',
            'itemIndex',
          );
        const schemaVersion = schemaVersionFor(SUBTYPE, rest.schemaVersion ?? null);
        const given = { name: name ?? null, metadata, schemaVersion, tags: tags ?? [] };
        const { content, problems } = await judgedContent(tx, writer.principals, SUBTYPE, given);
        refuseFor(problems);
        const item = await insertItem(
          ports,
          tx,
          caller,
          {
            ...content,
            data: await dataOf(tx, result, jobId, index),
            subtype: SUBTYPE,
            organizationId,
            ownerId: writer.userId,
            grants: defaultGrants(organizationId),
          },
          result,
        );
        if (key !== undefined) await tx.keepRequestKey(key, item);
        return { itemId: item.id, repeated: false };
      }),
    );

const SUBTYPE = 'DATASET';

/** The item holds what the job made, also when the job is gone: a file, or a value that becomes one. */
async function dataOf(
  tx: ItemDataWork,
  { artifactId, sha256, isGone }: RecordedResult,
  jobId: string,
  itemIndex: number,
): Promise<ItemData | null> {
  if (isGone) refuse('NOT_FOUND', WENT_WITH_ITS_JOB, 'input', 'jobId');
  if (artifactId !== null) return (await storedFile(tx, artifactId, NOT_STORED, 'input', 'jobId')).data;
  return sha256 === null ? null : { kind: 'RESULT', jobId: jobId.toLowerCase(), itemIndex };
}

const WENT_WITH_ITS_JOB =
  'The job was deleted, and its result with it. A file of it may be in a data pool: name that one as the data of a dataset (createItem).';
const NOT_STORED = 'The file of this result is not known; it may have been removed.';

const NO_SUCH_RESULT =
  'No result of such a job is recorded that you may see: the item must have succeeded and the job have ended, which is recorded a moment later.';
