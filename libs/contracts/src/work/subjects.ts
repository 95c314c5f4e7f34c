/**
 * Subjects of the worker protocol (DESIGN §4: claim, renew and report are the one exception to events).
 * Every subject names target and worker, so that the broker's permissions bind a credential to its targets.
 */
export const WORK_OPERATIONS = ['claim', 'renew', 'report', 'input'] as const;
export type WorkOperation = (typeof WORK_OPERATIONS)[number];

export const EXEC_OPERATIONS = ['log', 'artifact', 'beat'] as const;
export type ExecOperation = (typeof EXEC_OPERATIONS)[number];

/** Worker → jobs, request/reply. */
export const workSubject = (operation: WorkOperation, targetId: string, workerId: string): string =>
  `weft.work.${operation}.${targetId}.${workerId}`;

/** Worker → execution, request/reply. */
export const execSubject = (operation: ExecOperation, targetId: string, workerId: string): string =>
  `weft.exec.${operation}.${targetId}.${workerId}`;

/** jobs → worker, told and not asked: a cancellation was requested. */
export const cancelSubject = (targetId: string, workerId: string): string =>
  `weft.work.cancel.${targetId}.${workerId}`;

/** jobs → jobs (every replica): a job of this target became claimable. */
export const wakeSubject = (targetId: string): string => `weft.work.wake.${targetId}`;

/** jobs → jobs (every replica): work of this target waits for nothing but a limit, the end of an attempt may let it go. */
export const heldBackSubject = (targetId: string): string => `weft.work.held-back.${targetId}`;

export interface WorkerAddress {
  readonly operation: string;
  readonly targetId: string;
  readonly workerId: string;
}

/** Who sent a message, by the subject that the broker let it publish on. */
export function parseWorkerSubject(subject: string): WorkerAddress | undefined {
  const [root, family, operation, targetId, workerId, ...rest] = subject.split('.');
  if (root !== 'weft' || (family !== 'work' && family !== 'exec') || rest.length > 0) return undefined;
  if (operation === undefined || targetId === undefined || workerId === undefined) return undefined;
  return { operation, targetId, workerId };
}

/** The reply inbox of one NATS role, so that no role can read another's answers. */
export const inboxPrefix = (role: string): string => `_INBOX_${role.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
