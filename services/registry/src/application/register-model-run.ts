import { outcomeOf, refuse, refuseFor, userError, type Outcome } from '@weft/errors';
import { defaultGrants } from '../domain/access.js';
import { requestWorkflow } from '../domain/activity-workflow.js';
import { MAX_NAME, type RegisteredItem } from '../domain/item.js';
import { currentSchema, itemTypeOf } from '../domain/item-types/index.js';
import { searchTexts, type Metadata } from './item-content.js';
import type { Caller } from './item-ports.js';
import { ownerOrganization, writerOf } from './item-rights.js';
import { judgeRun, type JudgedRun } from './judge-model-run.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';
import { repeated, requestKeyOf } from './request-key.js';

export interface RegisterModelRunInput {
  readonly organizationId?: string | null;
  readonly record: Metadata;
  readonly idempotencyKey?: string | null;
}

export interface RegisteredRun {
  readonly itemId: string;
  readonly repeated: boolean;
}

const RECORD = ['input', 'record'];

/** Registers a run; a job then writes down its provenance. */
export const registerModelRun =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: RegisterModelRunInput): Promise<Outcome<RegisteredRun>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const writer = writerOf(caller);
        const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
        const { idempotencyKey, ...asked } = input;
        const key = requestKeyOf(ports, organizationId, idempotencyKey, asked);
        const known = key === undefined ? undefined : await tx.takeRequestKey(key);
        if (known !== undefined) return repeated(known, key?.inputHash);

        const { principals, userId } = writer;
        const { record } = input;
        const { judged, problems, hash } = await judgeRun(ports, tx, {
          ...{ principals, record, path: RECORD, run: null },
        });
        // Its outputs would be said to have been made already, by itself.
        if (hash !== null && (await tx.runsSaying(organizationId, [hash])).size > 0) refuseTwin(RECORD);
        if (judged === null) return refuseAll(problems);
        const item = await insertRun(ports, tx, { judged, organizationId, userId, path: RECORD });
        if (item === 'duplicate') return refuseTwin(RECORD);
        const { correlationId } = caller;
        await tx.tell(item, 'CREATED', correlationId);
        const workflow = requestWorkflow('MODEL_RUN', ports.newId);
        await tx.insertWorkflow(item, workflow, userId);
        await tx.tellWorkflow(item, workflow, userId, correlationId);
        if (key !== undefined) await tx.keepRequestKey(key, item);
        return { itemId: item.id, repeated: false };
      }),
    );

export const refuseTwin = (path: readonly string[]): never =>
  refuse(
    'MODEL_RUN_DUPLICATE',
    'The organization has registered a run that says just the same; edit that one, or say what differs.',
    ...path,
  );

/** As {@link refuseFor} with at least one problem. */
export function refuseAll(problems: Parameters<typeof refuseFor>[0]): never {
  refuseFor(problems);
  throw new Error('refused without a reason');
}

export interface RunToInsert {
  readonly judged: JudgedRun;
  readonly organizationId: string;
  readonly userId: string;
  /** Where the record stands in the input. */
  readonly path: readonly string[];
}

/** The run as a new item that generates its outputs. */
export async function insertRun(
  { newId, mintPid }: Pick<ModelRunPorts, 'newId' | 'mintPid'>,
  tx: ModelRunWork,
  { judged, organizationId, userId, path }: RunToInsert,
): Promise<RegisteredItem | 'duplicate'> {
  const id = newId();
  const content = {
    name: judged.record.displayName.slice(0, MAX_NAME),
    schemaVersion: currentSchema('MODEL_RUN').version,
    metadata: { ...judged.record },
    tags: [],
  };
  const item = await tx.insert(
    {
      ...content,
      ...{ id, pid: mintPid(), kind: itemTypeOf('MODEL_RUN').category, subtype: 'MODEL_RUN' },
      recordType: 'COMPLETE',
      ...{ organizationId, ownerId: userId, createdBy: userId, grants: defaultGrants(organizationId) },
      ...{ seriesId: id, version: 1, versionReason: null, previousKey: null },
    },
    { action: 'CREATED', userId, reason: null },
    searchTexts('MODEL_RUN', content),
  );
  if (!(await tx.keepRun(item, judged))) return 'duplicate';
  await takeOutputs(tx, item, judged, path);
  return item;
}

/** From now on the run generates its outputs; refused where another one was faster. */
export async function takeOutputs(
  tx: ModelRunWork,
  item: RegisteredItem,
  { told, record }: JudgedRun,
  path: readonly string[],
): Promise<void> {
  const outputs = told.outputs.map(({ datasetId }) => datasetId);
  const taken = new Set(await tx.takeOutputs(item, outputs));
  refuseFor(
    record.outputs.flatMap(({ datasetId }, at) =>
      taken.has(datasetId)
        ? [
            userError(
              'MODEL_RUN_INVALID',
              'Another run made this dataset already; one thing makes a dataset.',
              ...[...path, 'outputs', `${at}`, 'datasetId'],
            ),
          ]
        : [],
    ),
  );
}
