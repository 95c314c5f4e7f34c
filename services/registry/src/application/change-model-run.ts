// Edits and deletions of runs. What they do to the graph is told as a diff; a job applies it, by bringing the graph in line with
// what the run says then.
import { refuse, refuseFor, userError, type Outcome, type UserError } from '@weft/errors';
import { requestWorkflow } from '../domain/activity-workflow.js';
import {
  normalizeReference,
  type ItemChange,
  type ItemContent,
  type ItemRevision,
  type RegisteredItem,
} from '../domain/item.js';
import { currentSchema, referencesOf } from '../domain/item-types/index.js';
import { canonicalRun, statementsOfRun, type ModelRunRecord, type ToldRun } from '../domain/model-run.js';
import { namingProblem } from '../domain/model-run-rules.js';
import { actionsOf, changesBetween, type DiffAction, type RecordedGraph } from '../domain/statement-diff.js';
import { reasonProblems, shortened } from '../domain/text-rules.js';
import { foundBy, type Metadata } from './item-content.js';
import type { Caller } from './item-ports.js';
import { lockedFor, requireUnlocked, writerOf, type Writer } from './item-rights.js';
import { judgeRun, type JudgedRun, type Judgement } from './judge-model-run.js';
import { plannedChanges } from './lodge-model-run.js';
import type { ModelRunPorts, ModelRunWork, RunState } from './model-run-ports.js';
import { inOneTransaction, refuseAll, takenProblems } from './register-model-run.js';
import { refuseTwin } from './run-twin.js';
import type { ItemRole } from '../domain/access.js';

export interface ChangedRun {
  readonly itemId: string;
  /** What the graph is still to be told; nothing when it says all that already. */
  readonly actions: readonly DiffAction[];
  /** It was only tried. */
  readonly trial: boolean;
}

export interface RunChange {
  readonly id: string;
  readonly reason?: string | null;
  readonly trial?: boolean | null;
}

export interface UpdateModelRunInput extends RunChange {
  readonly record: Metadata;
  readonly expectedRevision?: number | null;
}

const RECORD = ['input', 'record'];

/** The whole record anew, judged as a new one is. What the run named before it may go on naming, also when that was withdrawn. */
export const updateModelRun =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: UpdateModelRunInput): Promise<Outcome<ChangedRun>> =>
    change(ports, caller, input, 'METADATA_WRITE', async (tx, writer, run) => {
      requireUnlocked(run.item, 'input', 'id');
      requireRevision(run.item, input);
      const asked = { record: input.record, path: RECORD, keeps: namedBy(run) };
      const judgement = await judgeRun(ports, tx, whoChanges(writer, run), asked);
      const judged = judgement.judged ?? (await refuseJudged(tx, writer, run, judgement, input, RECORD));
      return rewrite(ports, tx, writer, run, judged, { path: RECORD });
    });

export interface RevertModelRunInput extends RunChange {
  readonly revision: number;
  readonly expectedRevision?: number | null;
}

/** An update to what an earlier revision said, tags included. What that named it may name again. */
export const revertModelRun =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: RevertModelRunInput): Promise<Outcome<ChangedRun>> =>
    change(ports, caller, input, 'METADATA_WRITE', async (tx, writer, run) => {
      const path = ['input', 'revision'];
      requireUnlocked(run.item, 'input', 'id');
      requireRevision(run.item, input);
      const earlier = await tx.revision(run.item.key, input.revision);
      if (earlier === undefined)
        refuse('NOT_FOUND', `The run has no revision ${input.revision}; Item.history lists them.`, ...path);
      const keeps = new Set([...namedBy(run), ...idsIn(earlier)]);
      const asked = { record: earlier.metadata, path, keeps };
      const judgement = await judgeRun(ports, tx, whoChanges(writer, run), asked);
      const judged = judgement.judged ?? (await refuseJudged(tx, writer, run, judgement, input, path));
      return rewrite(ports, tx, writer, run, judged, { path, reverted: earlier });
    });

const requireRevision = (
  item: RegisteredItem,
  { expectedRevision }: { readonly expectedRevision?: number | null },
): void => {
  if (expectedRevision != null && expectedRevision !== item.revision)
    refuse(
      'CONFLICT',
      `The run has moved on to revision ${item.revision}; read it again and repeat the change.`,
      'input',
      'expectedRevision',
    );
};

/** Outputs of a twin are taken by that: it is told first. */
async function refuseJudged(
  tx: ModelRunWork,
  { principals }: Writer,
  { item }: StandingRun,
  { hash, problems }: Judgement,
  input: RunChange,
  path: readonly string[],
): Promise<never> {
  if (hash !== null) await requireNoTwin(tx, principals, item, hash, path);
  return refuseAll([...reasonMissing(input), ...problems]);
}

async function requireNoTwin(
  tx: ModelRunWork,
  principals: readonly string[],
  { organizationId, key }: RegisteredItem,
  hash: string,
  path: readonly string[],
): Promise<void> {
  const twin = (await tx.runsSaying(organizationId, [hash], principals)).get(hash);
  if (twin !== undefined && twin.key !== key) refuseTwin(twin, path);
}

const whoChanges = ({ principals }: Writer, { item }: StandingRun) => ({ principals, runId: item.id });

const idsIn = ({ schemaVersion, metadata }: Pick<ItemContent, 'schemaVersion' | 'metadata'>): string[] =>
  referencesOf('MODEL_RUN', schemaVersion, metadata).map(({ item }) => item);

const namedBy = ({ item, state }: StandingRun): ReadonlySet<string> =>
  new Set([state.told.modelId, ...idsIn(item)]);

export interface LinkModelRunToStudyInput extends RunChange {
  readonly studyId: string;
}

/** Says which study a run without one belongs to. */
export const linkModelRunToStudy =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: LinkModelRunToStudyInput): Promise<Outcome<ChangedRun>> =>
    change(ports, caller, input, 'METADATA_WRITE', async (tx, writer, { item, state }) => {
      requireUnlocked(item, 'input', 'id');
      const [study] = await tx.named([normalizeReference(input.studyId)], writer.principals, null);
      const problem = namingProblem(study, ['STUDY'], new Set());
      if (study === undefined || problem !== undefined)
        return refuseAll([
          ...reasonMissing(input),
          userError('ITEM_REFERENCE_INVALID', problem ?? '', 'input', 'studyId'),
        ]);
      if (state.told.studyId !== null && state.told.studyId !== study.id)
        refuse(
          'CONFLICT',
          'The run belongs to another study; take it out of that one first with unlinkModelRunFromStudy.',
          'input',
          'id',
        );
      const record = { ...recordOf(item), studyId: study.id };
      const judged = judgedAs(ports, record, { ...state.told, studyId: study.id });
      return rewrite(ports, tx, writer, { item, state }, judged, { path: ['input', 'studyId'] });
    });

/** Takes a run out of its study. */
export const unlinkModelRunFromStudy =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: RunChange): Promise<Outcome<ChangedRun>> =>
    change(ports, caller, input, 'METADATA_WRITE', async (tx, writer, { item, state }) => {
      requireUnlocked(item, 'input', 'id');
      if (state.told.studyId === null) refuse('CONFLICT', 'The run belongs to no study.', 'input', 'id');
      const { studyId: _studyId, ...record } = recordOf(item);
      const judged = judgedAs(ports, record, { ...state.told, studyId: null });
      return rewrite(ports, tx, writer, { item, state }, judged, { path: ['input', 'id'] });
    });

/** Withdraws a run, and takes back all that it says; its item stays as a tombstone. */
export const deleteModelRun =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: RunChange): Promise<Outcome<ChangedRun>> =>
    change(ports, caller, input, 'ADMIN', async (tx, { userId }, { item, state }) => {
      if (item.withdrawn === null) requireUnlocked(item, 'input', 'id');
      return {
        told: null,
        isSame: state.removed,
        write: async () => {
          const { reason } = input;
          await tx.removeRun(item);
          if (item.withdrawn !== null) return { saved: await tx.touch(item), change: 'WORKFLOW_CHANGED' };
          const saved = await tx.withdraw(item, { by: userId, reason: reason ?? '' });
          await tx.retirePid(item, reason ?? '');
          return { saved, change: 'WITHDRAWN' };
        },
      };
    });

interface Rewriting {
  /** What the run shall say; null: nothing. */
  readonly told: ToldRun | null;
  /** It is said already: nothing is written. */
  readonly isSame: boolean;
  write(reason: string): Promise<{ readonly saved: RegisteredItem; readonly change: ItemChange }>;
}

interface StandingRun {
  readonly item: RegisteredItem;
  readonly state: RunState;
}

/** What all changes of a run have in common: who may, the diff, and the job that applies it. */
const change = (
  ports: ModelRunPorts,
  caller: Caller,
  { id, reason, trial }: RunChange,
  role: ItemRole,
  prepare: (tx: ModelRunWork, writer: Writer, run: StandingRun) => Promise<Rewriting>,
): Promise<Outcome<ChangedRun>> =>
  inOneTransaction(ports, async (tx) => {
    const writer = writerOf(caller);
    const item = await lockedFor(tx, writer, id, role, 'input', 'id');
    const state = await tx.runState(item);
    if (state === undefined)
      refuse(
        'BAD_USER_INPUT',
        `This is an item of the type ${item.subtype}, not a model run.`,
        'input',
        'id',
      );
    const { told, isSame, write } = await prepare(tx, writer, { item, state });
    const isTrial = trial === true;
    refuseFor(reasonMissing({ reason, trial }));
    const written = isTrial || isSame ? undefined : await write(reason ?? '');
    const { changes } = await plannedChanges(ports.idOf, tx, [{ runId: item.id, told }], 'adding');
    const actions = actionsOf(changes, await tx.standing(changes));
    if (written !== undefined) {
      const { saved, change: what } = written;
      await tx.tell(saved, what, caller.correlationId);
      const workflow = requestWorkflow('MODEL_RUN_UPDATE', ports.newId);
      await tx.insertWorkflow(saved, workflow, writer.userId);
      await tx.tellWorkflow(saved, workflow, writer.userId, caller.correlationId);
    }
    return { itemId: item.id, actions, trial: isTrial };
  });

const reasonMissing = ({ reason, trial }: Pick<RunChange, 'reason' | 'trial'>): UserError[] =>
  trial === true ? [] : reasonProblems(reason ?? '', 'input', 'reason');

/** The template, or what it names, may have changed since the run was judged. */
const saySame = (...told: readonly [ToldRun, ToldRun]): boolean => {
  const [before, after] = told.map((one) => new Map([['', statementsOfRun('', one)]]));
  return changesBetween(before as RecordedGraph, after as RecordedGraph).length === 0;
};

const recordOf = ({ metadata }: RegisteredItem): ModelRunRecord => metadata as unknown as ModelRunRecord;

const judgedAs = ({ sha256 }: ModelRunPorts, record: ModelRunRecord, told: ToldRun): JudgedRun => ({
  record,
  told,
  hash: sha256(canonicalRun(record)),
});

interface RewritingWhat {
  /** Where in the input that is said. */
  readonly path: readonly string[];
  /** The revision whose content comes back. */
  readonly reverted?: ItemRevision;
}

async function rewrite(
  { sha256 }: ModelRunPorts,
  tx: ModelRunWork,
  { userId, principals }: Writer,
  { item, state }: StandingRun,
  judged: JudgedRun,
  { path, reverted }: RewritingWhat,
): Promise<Rewriting> {
  const { record, told, hash } = judged;
  await requireNoTwin(tx, principals, item, hash, path);
  const { tags } = reverted ?? item;
  return {
    told,
    isSame:
      hash === sha256(canonicalRun(recordOf(item))) &&
      saySame(state.told, told) &&
      tags.join('\n') === item.tags.join('\n'),
    async write(reason) {
      const content = {
        name: shortened(record.displayName),
        schemaVersion: currentSchema('MODEL_RUN').version,
        metadata: { ...record },
        tags,
      };
      const action = reverted === undefined ? 'EDITED' : 'REVERTED';
      const back = reverted === undefined ? {} : { revertsTo: reverted.revision };
      const edit = { action, userId, reason, ...back } as const;
      const complete = { ...content, recordType: 'COMPLETE' } as const;
      const saved = await tx.edit(item, complete, edit, foundBy('MODEL_RUN', content));
      await tx.rewriteRun(item, judged);
      const outputs = told.outputs.map(({ datasetId }) => datasetId);
      refuseFor(takenProblems(judged, await tx.takeOutputs(item, outputs), path));
      await tx.publishPid(saved);
      return { saved, change: action };
    },
  };
}
