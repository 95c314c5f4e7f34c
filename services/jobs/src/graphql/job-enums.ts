import type { AttemptOutcome, JobKind, JobState } from '@weft/contracts';
import { graphqlEnum } from '@weft/subgraph';
import type { RetryItems } from '../application/succeed-jobs.js';
import type { Phase } from '../domain/roll-up.js';

export const JobStateEnum = graphqlEnum<JobState>(
  'JobState',
  'Where a job or one of its items stands. SUCCEEDED, FAILED and CANCELLED are final for a job.',
  {
    PENDING: 'Waits; `reason` says what for.',
    DEQUEUED: 'A worker has claimed it and has not started yet.',
    IN_PROGRESS: 'Runs.',
    CANCELLING:
      'Cancellation was requested; whether a running attempt can honour it is `Target.cancelsRunning`.',
    SUCCEEDED: 'Final: every item succeeded.',
    FAILED: 'Final: at least one item failed.',
    CANCELLED: 'Final: none failed, at least one was cancelled.',
  },
);

export const PhaseEnum = graphqlEnum<Phase>(
  'JobPhase',
  'The small closed set of states for clients that need no more.',
  {
    WAITING: 'Not with a worker.',
    ACTIVE: 'With a worker.',
    SUCCEEDED: 'Ended well.',
    FAILED: 'Ended badly.',
    CANCELLED: 'Ended by request.',
  },
);

export const JobKindEnum = graphqlEnum<JobKind>('JobKind', 'What a job runs.', {
  MANAGED_SERVICE: 'Runs the code of a service version.',
  COMMAND: 'Runs a shell command line.',
  REGISTRATION:
    'A job of the registry itself: writes down an activity or its provenance. In no list unless asked for.',
});

export const AttemptOutcomeEnum = graphqlEnum<AttemptOutcome>('AttemptOutcome', 'How an attempt ended.', {
  RUNNING: 'Holds its lease.',
  SUCCEEDED: 'All its items succeeded.',
  FAILED: 'At least one of its items failed.',
  CANCELLED: 'Ended by a cancellation.',
  LOST: 'Its worker fell silent for a whole lease; nothing of it is accepted any more.',
  TIMED_OUT: 'Ran longer than its limit.',
  RELEASED: 'Its worker shut down and gave the items back.',
});

export const RetryItemsEnum = graphqlEnum<RetryItems>('RetryItems', 'Which items a retry runs again.', {
  FAILED: 'Every item that did not succeed; those that did are carried over by reference.',
  ALL: 'Every item anew (final jobs only).',
});
