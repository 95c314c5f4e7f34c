// Edits and deletions of runs. What they do to the graph is told as a diff; a job applies it, by bringing the graph in line with
// what the run says then.
import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { requestWorkflow } from '../domain/activity-workflow.js';
import { MAX_NAME, normalizeReference, type ItemChange, type RegisteredItem } from '../domain/item.js';
import { currentSchema, referencesOf } from '../domain/item-types/index.js';
import { canonicalRun, statementsOfRun, type ModelRunRecord, type ToldRun } from '../domain/model-run.js';
import { namingProblem } from '../domain/model-run-rules.js';
import { actionsOf, changesBetween, type DiffAction, type RecordedGraph } from '../domain/statement-diff.js';
import { reasonProblems } from '../domain/text-rules.js';
import { foundBy, type Metadata } from './item-content.js';
import type { Caller } from './item-ports.js';
import { lockedFor, requireUnlocked, writerOf, type Writer } from './item-rights.js';
import { judgeRun, type JudgedRun } from './judge-model-run.js';
import { plannedChanges } from './lodge-model-run.js';
import type { ModelRunPorts, ModelRunWork, RunState } from './model-run-ports.js';
import { refuseAll, refuseTwin, takenProblems } from './register-model-run.js';
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
    change(ports, caller, input, 'METADATA_WRITE', async (tx, writer, { item, state }) => {
      requireUnlocked(item, 'input', 'id');
      if (input.expectedRevision != null && input.expectedRevision !== item.revision)
        refuse(
          'CONFLICT',
          `The run has moved on to revision ${item.revision}; read it again and repeat the change.`,
          'input',
          'expectedRevision',
        );
      const keeps = new Set([
        state.told.modelId,
        ...referencesOf('MODEL_RUN', item.schemaVersion, item.metadata).map((one) => one.item),
      ]);
      const whom = { principals: writer.principals, runId: item.id };
      const asked = { record: input.record, path: RECORD, keeps };
      const { judged, problems } = await judgeRun(ports, tx, whom, asked);
      return rewrite(
        ports,
        tx,
        { item, state, userId: writer.userId },
        judged ?? refuseAll(problems),
        RECORD,
      );
    });

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
        refuse('ITEM_REFERENCE_INVALID', problem ?? '', 'input', 'studyId');
      if (state.told.studyId !== null && state.told.studyId !== study.id)
        refuse(
          'CONFLICT',
          'The run belongs to another study; take it out of that one first with unlinkModelRunFromStudy.',
          'input',
          'id',
        );
      const record = { ...recordOf(item), studyId: study.id };
      return rewrite(
        ports,
        tx,
        { item, state, userId: writer.userId },
        judgedAs(ports, record, { ...state.told, studyId: study.id }),
        ['input', 'studyId'],
      );
    });

/** Takes a run out of its study. */
export const unlinkModelRunFromStudy =
  (ports: ModelRunPorts) =>
  (caller: Caller, input: RunChange): Promise<Outcome<ChangedRun>> =>
    change(ports, caller, input, 'METADATA_WRITE', async (tx, { userId }, { item, state }) => {
      requireUnlocked(item, 'input', 'id');
      if (state.told.studyId === null) refuse('CONFLICT', 'The run belongs to no study.', 'input', 'id');
      const { studyId: _studyId, ...record } = recordOf(item);
      return rewrite(
        ports,
        tx,
        { item, state, userId },
        judgedAs(ports, record, { ...state.told, studyId: null }),
        ['input', 'id'],
      );
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
  outcomeOf(() =>
    ports.transact(async (tx) => {
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
      if (!isTrial) refuseFor(reasonProblems(reason ?? '', 'input', 'reason'));
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
    }),
  );

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

function rewrite(
  { sha256 }: ModelRunPorts,
  tx: ModelRunWork,
  { item, state, userId }: StandingRun & { readonly userId: string },
  judged: JudgedRun,
  path: readonly string[],
): Rewriting {
  const { record, told, hash } = judged;
  return {
    told,
    isSame: hash === sha256(canonicalRun(recordOf(item))) && saySame(state.told, told),
    async write(reason) {
      const content = {
        name: record.displayName.slice(0, MAX_NAME),
        schemaVersion: currentSchema('MODEL_RUN').version,
        metadata: { ...record },
        tags: item.tags,
      };
      const edit = { action: 'EDITED', userId, reason } as const;
      const complete = { ...content, recordType: 'COMPLETE' } as const;
      const saved = await tx.edit(item, complete, edit, foundBy('MODEL_RUN', content));
      if (!(await tx.rewriteRun(item, judged))) refuseTwin(path);
      const outputs = told.outputs.map(({ datasetId }) => datasetId);
      refuseFor(takenProblems(judged, await tx.takeOutputs(item, outputs), path));
      await tx.publishPid(saved);
      return { saved, change: 'EDITED' };
    },
  };
}
