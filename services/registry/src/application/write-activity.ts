// The two operations of the registry's worker. Both may be tried any number of times: what is there already is answered.
import { AppError } from '@weft/errors';
import { readersOf } from '../domain/access.js';
import type { CreationKind, StepKey } from '../domain/activity-workflow.js';
import type { RegisteredItem } from '../domain/item.js';
import { currentSchema } from '../domain/item-types/index.js';
import { agentsOf, statementsOfActivity } from '../domain/lodged-activity.js';
import { registrationIdentity, registrationOf, saidOfRecord } from '../domain/registration-record.js';
import type { NodeStatement } from '../domain/statement.js';
import { shortened } from '../domain/text-rules.js';
import type { ActivityPorts, ActivityWork, LockedWorkflow } from './activity-ports.js';
import { foundBy } from './item-content.js';

export interface RegistryJob {
  readonly jobId: string;
  readonly correlationId: string;
}

export interface RegisteredActivity {
  readonly activityId: string;
  readonly pid: string;
}

/** Registers the activity by which an item, or a new version of one, came to be. */
export const registerActivity =
  ({ transact, mintPid, idOf }: ActivityPorts) =>
  (job: RegistryJob, workflowId: string): Promise<RegisteredActivity> =>
    transact(async (tx) => {
      const workflow = creationOf(await beginStep(tx, workflowId, 'register', job));
      const { activityId, activityPid, item, kind } = workflow;
      if (activityId !== null && activityPid !== null) return { activityId, pid: activityPid };
      const { organizationId, ownerId, grants } = item;
      const metadata = metadataOf(workflow);
      const schemaVersion = currentSchema(kind).version;
      const id = idOf(`activity/${workflowId}`);
      const made = await tx.insert(
        {
          ...{
            id,
            pid: mintPid(),
            kind: 'ACTIVITY',
            subtype: kind,
            recordType: 'COMPLETE',
            schemaVersion,
            metadata,
          },
          name: shortened(`${kind === 'CREATE' ? 'Creation' : `Version ${item.version}`} of ${item.name}`),
          ...{ organizationId, ownerId, grants, tags: [], createdBy: workflow.userId },
          ...{ seriesId: id, version: 1, versionReason: null, previousKey: null, data: null },
        },
        { action: 'CREATED', userId: workflow.userId, reason: null },
        foundBy(kind, { schemaVersion, metadata, tags: [] }),
      );
      await tx.setActivity(workflowId, made, workflow.requestedAt);
      await tx.publishPid(made);
      await tx.tell(made, 'CREATED', job.correlationId);
      await tellWorkflowChanged(tx, item, job);
      return { activityId: id, pid: made.pid };
    });

export interface LodgedActivity {
  readonly recordId: string;
  readonly statements: number;
}

/** Lodges the provenance of a registered activity as a record of its own. */
export const lodgeActivity =
  ({ transact, idOf }: ActivityPorts) =>
  (job: RegistryJob, workflowId: string): Promise<LodgedActivity> =>
    transact(async (tx) => {
      const workflow = creationOf(await beginStep(tx, workflowId, 'lodge', job));
      const { activityId, item, kind, userId, personId, previousId } = workflow;
      if (activityId === null)
        throw new AppError('CONFLICT', 'The activity is not registered yet: its job must have succeeded.', {
          workflowId,
        });
      const told = {
        ...{ kind, organizationId: item.organizationId, itemId: item.id, activityId, userId, personId },
        at: workflow.requestedAt.toISOString(),
        previous: previousId === null ? null : { id: previousId, reason: item.versionReason ?? '' },
      };
      const stated = statementsOfActivity(told, idOf);
      // A run may have been faster: then the registration is of the dataset's record.
      const ofRecord = await tx.isGenerated(item);
      const edges = ofRecord ? saidOfRecord(stated, item.id, idOf(registrationIdentity(item.id))) : stated;
      const recordId = idOf(`record/${workflowId}`);
      if (workflow.recordId !== null) return { recordId, statements: edges.length };
      const record = {
        ...{ id: recordId, organizationId: item.organizationId, kind, itemId: item.id, lodgedBy: userId },
        name: `${kind === 'CREATE' ? 'Creation' : 'Version'} of ${item.pid}`,
        jobId: job.jobId,
        readers: readersOf(item),
      };
      const mentioned: NodeStatement[] = Object.values(agentsOf(told));
      if (ofRecord) mentioned.push(registrationOf({ ...item, readers: record.readers }));
      await tx.lodge(record, mentioned, edges);
      await tellWorkflowChanged(tx, item, job);
      return { recordId, statements: edges.length };
    });

/** The workflow of a step that begins, locked. */
export async function beginStep(
  tx: ActivityWork,
  workflowId: string,
  step: StepKey,
  job: RegistryJob,
): Promise<LockedWorkflow> {
  const workflow = await tx.lockWorkflow(workflowId);
  if (workflow === undefined)
    throw new AppError('NOT_FOUND', 'The registry knows no such workflow.', { workflowId });
  await tx.stepRuns(workflowId, step, job.jobId);
  return workflow;
}

export async function tellWorkflowChanged(
  tx: ActivityWork,
  item: RegisteredItem,
  { correlationId }: RegistryJob,
): Promise<void> {
  await tx.tell(await tx.touch(item), 'WORKFLOW_CHANGED', correlationId);
}

type CreationWorkflow = LockedWorkflow & { readonly kind: CreationKind };

function creationOf(workflow: LockedWorkflow): CreationWorkflow {
  const { kind } = workflow;
  if (kind === 'CREATE' || kind === 'VERSION') return { ...workflow, kind };
  throw new AppError('CONFLICT', 'This workflow registers no activity.', { workflowId: workflow.id });
}

const metadataOf = ({ kind, item, previousId }: CreationWorkflow): Record<string, unknown> =>
  kind === 'CREATE'
    ? { createdItemId: item.id }
    : {
        reason: item.versionReason,
        fromItemId: previousId,
        toItemId: item.id,
        newVersionNumber: item.version,
      };
