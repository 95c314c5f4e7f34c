// Tells live fields of this replica that a job moved: at once for what was committed here, over NATS for what was
// committed elsewhere, and by a slow look at the database for what either way lost. Only ever a hint with a `seq`.
import { jobChanged } from '@weft/contracts';
import type { Messaging, Msg, Subscription } from '@weft/messaging';
import type { Logger } from '@weft/telemetry';
import type { JobFeed, JobStep } from '../application/follow-job.js';

export interface RunningJobFeed extends JobFeed {
  /** From now on also hears what other replicas commit; every message is handed on. */
  listen(messaging: Messaging, handOn: (message: Msg) => void): void;
  stop(): void;
}

const LOOK_MS = 3_000;

/** @param seqsOf the present `seq` of these jobs, by id. */
export function createJobFeed(
  seqsOf: (jobIds: readonly string[]) => Promise<Map<string, number>>,
  logger: Logger,
): RunningJobFeed {
  const followers = new Map<string, Set<(seq: number, step?: JobStep) => void>>();

  const moved = (jobId: string, seq: number, step?: JobStep): void => {
    for (const follower of followers.get(jobId) ?? []) follower(seq, step);
  };

  let subscription: Subscription | undefined;
  const heard = (message: Msg): void => {
    const jobId = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    if (!followers.has(jobId)) return;
    // The id of the message ends in the seq of its last transition: no need to read the body.
    const id = message.headers?.get('Nats-Msg-Id') ?? '';
    const seq = Number(id.slice(id.lastIndexOf(':') + 1));
    if (Number.isInteger(seq)) moved(jobId, seq);
  };

  let looking = false;
  const look = setInterval(() => {
    if (looking || followers.size === 0) return;
    looking = true;
    seqsOf([...followers.keys()])
      .then((seqs) => {
        for (const [jobId, seq] of seqs) moved(jobId, seq);
      })
      .catch((error: unknown) => logger.warn({ err: error }, 'live fields could not look at their jobs'))
      .finally(() => {
        looking = false;
      });
  }, LOOK_MS);
  look.unref();

  return {
    follow(jobId, callback) {
      const callbacks = followers.get(jobId) ?? new Set();
      followers.set(jobId, callbacks);
      callbacks.add(callback);
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0) followers.delete(jobId);
      };
    },
    moved,
    listen(messaging, handOn) {
      subscription = messaging.connection.subscribe(jobChanged.filter(), {
        callback: (error, message) => {
          if (error !== null) return;
          heard(message);
          handOn(message);
        },
      });
    },
    stop() {
      clearInterval(look);
      subscription?.unsubscribe();
    },
  };
}
