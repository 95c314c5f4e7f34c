import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { defaultGrants } from '../domain/access.js';
import { insertItem, type CreatedItem } from './create-item.js';
import { judgedContent, schemaVersionFor, type Metadata } from './item-content.js';
import type { Caller, ItemPorts } from './item-ports.js';
import { ownerOrganization, writerOf } from './item-rights.js';
import { repeated, requestKeyOf } from './request-key.js';

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
    outcomeOf(() =>
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

const NO_SUCH_RESULT =
  'No result of such a job is recorded that you may see: the item must have succeeded and the job have ended, which is recorded a moment later.';
