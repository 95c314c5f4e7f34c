// Jobs that the registry asks for, on the engine of the tests: asked for, claimed and ended as its worker does.
import { randomUUID } from 'node:crypto';
import {
  activityWorkflowRequested,
  registryBatchRequested,
  REGISTRY_TARGET,
  type ActivityWorkflowRequested,
  type ClaimedAttempt,
  type ItemReport,
  type RegistryBatchRequested,
  type RegistryJob,
} from '@weft/contracts';
import { reportAttempt, type Standing } from '../application/report-attempt.js';
import { startRegistrations, type StartRegistrations } from '../application/start-registrations.js';
import type { Engine } from './engine.js';

const WORKER = { workerId: 'registry-1', targetId: REGISTRY_TARGET };

export const aRegistration = (name: string, more: Partial<RegistryJob> = {}): RegistryJob => ({
  jobId: randomUUID(),
  name,
  operation: 'REGISTER_CREATE_ACTIVITY',
  params: { itemId: 'item-1' },
  ...more,
});

type Asker = Pick<ActivityWorkflowRequested, 'organizationId' | 'createdBy'>;

/** Register, then lodge with what the first one gave. */
export const aWorkflow = (asker: Asker): ActivityWorkflowRequested =>
  activityWorkflowRequested.schema.parse({
    ...asker,
    workflowId: randomUUID(),
    name: 'Create Rainfall',
    steps: [
      { ...aRegistration('register'), key: 'register', needs: [] },
      {
        ...aRegistration('lodge', {
          operation: 'LODGE_CREATE_ACTIVITY',
          params: { activityId: { $from: 'register', path: '/activityId' } },
        }),
        key: 'lodge',
        needs: ['register'],
      },
    ],
  });

/** As many parts as there are lists of names. */
export function aBatch(asker: Asker, ...parts: readonly (readonly string[])[]): RegistryBatchRequested[] {
  const batchId = randomUUID();
  return parts.map((names, index) =>
    registryBatchRequested.schema.parse({
      ...asker,
      batchId,
      name: 'a hundred runs',
      part: { index, of: parts.length },
      jobs: names.map((name) => aRegistration(name, { operation: 'REGISTER_MODEL_RUN' })),
    }),
  );
}

export const askerOf = ({ user, organizationId }: Engine): Asker => ({ organizationId, createdBy: user.id });

export const claimRegistrations = ({ desk }: Engine, capacity = 64): Promise<ClaimedAttempt[]> =>
  desk.claim(WORKER, { requestId: randomUUID(), capacity, start: true });

export const endRegistration = (
  { ports }: Engine,
  { jobId, attempt, fence }: ClaimedAttempt,
  item: ItemReport,
): Promise<Standing> =>
  reportAttempt(ports, WORKER, { jobId, attempt, fence, kind: 'FINISHED', items: [item], usage: null });

/** What the registry asks for, said briefly. */
export interface Asking {
  readonly start: StartRegistrations;
  workflow(): Promise<ActivityWorkflowRequested>;
  batch(...names: string[]): Promise<RegistryBatchRequested>;
  counted(table: string): Promise<number>;
}

export function askingOf(engine: Engine): Asking {
  const start = startRegistrations(engine.ports);
  return {
    start,
    async workflow() {
      const asked = aWorkflow(askerOf(engine));
      await start.workflow(asked, 'correlation-1');
      return asked;
    },
    async batch(...names) {
      const [part] = aBatch(askerOf(engine), names) as [RegistryBatchRequested];
      await start.batchPart(part, 'correlation-1');
      return part;
    },
    counted: async (table) =>
      (await engine.database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? 0,
  };
}
