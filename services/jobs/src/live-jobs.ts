// Puts the live fields of jobs together, for one job and for lists: who tells them, and who follows.
import type { Messaging, Msg, Subscription } from '@weft/messaging';
import type { CommittedRow } from '@weft/outbox';
import type { Logger } from '@weft/telemetry';
import type { JobStep } from './application/follow-job.js';
import type { JobReader } from './application/job-reader.js';
import { createFollowJobList } from './graphql/job-list-live.resolver.js';
import { createFollow } from './graphql/job-live.resolver.js';
import type { LiveParts } from './graphql/jobs-context.js';
import { startJobListWatch } from './job-list-watch.js';
import { createJobFeed } from './messaging/job-feed.js';
import { hintOf, hintOfMessage, listenForRecords, type JobHint } from './messaging/job-hints.js';

export interface LiveJobs extends LiveParts {
  /** A job was moved on here. */
  moved(step: JobStep): void;
  /** What is told of what was committed here. */
  committed(rows: readonly CommittedRow[]): void;
  /** From now on also hears what other replicas commit. */
  listen(messaging: Messaging): void;
  stop(): Promise<void>;
}

export function startLiveJobs(reader: JobReader, logger: Logger): LiveJobs {
  const feed = createJobFeed((ids) => reader.seqs(ids), logger);
  const watch = startJobListWatch({ listed: (ids) => reader.listed(ids), logger });
  const heard = (hint: JobHint | undefined): void => {
    if (hint !== undefined) watch.heard(hint);
  };
  const heardMessage = (message: Msg): void => {
    if (watch.listening()) heard(hintOfMessage(message));
  };
  let records: Subscription[] = [];

  return {
    follow: createFollow(reader, feed),
    followJobs: createFollowJobList(watch),
    moved: (step) => feed.moved(step.job.id, step.job.seq, step),
    committed(rows) {
      if (watch.listening()) for (const { id, body } of rows) heard(hintOf(id, () => body));
    },
    listen(messaging) {
      feed.listen(messaging, heardMessage);
      records = listenForRecords(messaging, heardMessage);
      // Only once the broker has the subscriptions nothing more is missed.
      const listening = (): void => void messaging.connection.flush().then(watch.missed, watch.missed);
      messaging.onReconnect(listening);
      listening();
    },
    async stop() {
      feed.stop();
      for (const subscription of records) subscription.unsubscribe();
      await watch.stop();
    },
  };
}
