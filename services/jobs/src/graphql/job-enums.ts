import { ATTEMPT_OUTCOMES, JOB_KINDS, JOB_STATES, type AttemptOutcome, type JobKind, type JobState } from '@weft/contracts';
import { registerEnumType } from 'type-graphql';
import { RETRY_ITEMS, type RetryItems } from '../application/retry-job.js';
import { PHASES, type Phase } from '../domain/roll-up.js';

/** GraphQL enums are built from the domain's lists, so that none can be forgotten. */
const enumOf = <T extends string>(values: readonly T[]): { [K in T]: K } => Object.fromEntries(values.map((value) => [value, value])) as { [K in T]: K };

type Descriptions<T extends string> = { [K in T]: { description: string } };

export const JobStateEnum = enumOf(JOB_STATES);
const stateValues: Descriptions<JobState> = {
  PENDING: { description: 'Waits; `reason` says what for.' },
  DEQUEUED: { description: 'A worker has claimed it and has not started yet.' },
  IN_PROGRESS: { description: 'Runs.' },
  CANCELLING: { description: 'Cancellation was requested; whether a running attempt can honour it is `Target.cancelsRunning`.' },
  SUCCEEDED: { description: 'Final: every item succeeded.' },
  FAILED: { description: 'Final: at least one item failed.' },
  CANCELLED: { description: 'Final: none failed, at least one was cancelled.' },
};
registerEnumType(JobStateEnum, { name: 'JobState', description: 'Where a job or one of its items stands. SUCCEEDED, FAILED and CANCELLED are final for a job.', valuesConfig: stateValues });

export const PhaseEnum = enumOf(PHASES);
const phaseValues: Descriptions<Phase> = {
  WAITING: { description: 'Not with a worker.' },
  ACTIVE: { description: 'With a worker.' },
  SUCCEEDED: { description: 'Ended well.' },
  FAILED: { description: 'Ended badly.' },
  CANCELLED: { description: 'Ended by request.' },
};
registerEnumType(PhaseEnum, { name: 'JobPhase', description: 'The small closed set of states for clients that need no more.', valuesConfig: phaseValues });

export const JobKindEnum = enumOf(JOB_KINDS);
const kindValues: Descriptions<JobKind> = { MANAGED_SERVICE: { description: 'Runs the code of a service version.' } };
registerEnumType(JobKindEnum, { name: 'JobKind', description: 'What a job runs.', valuesConfig: kindValues });

export const AttemptOutcomeEnum = enumOf(ATTEMPT_OUTCOMES);
const outcomeValues: Descriptions<AttemptOutcome> = {
  RUNNING: { description: 'Holds its lease.' },
  SUCCEEDED: { description: 'All its items succeeded.' },
  FAILED: { description: 'At least one of its items failed.' },
  CANCELLED: { description: 'Ended by a cancellation.' },
  LOST: { description: 'Its worker fell silent for a whole lease; nothing of it is accepted any more.' },
  TIMED_OUT: { description: 'Ran longer than its limit.' },
  RELEASED: { description: 'Its worker shut down and gave the items back.' },
};
registerEnumType(AttemptOutcomeEnum, { name: 'AttemptOutcome', description: 'How an attempt ended.', valuesConfig: outcomeValues });

export const RetryItemsEnum = enumOf(RETRY_ITEMS);
const retryValues: Descriptions<RetryItems> = {
  FAILED: { description: 'Every item that did not succeed; those that did are carried over by reference.' },
  ALL: { description: 'Every item anew (final jobs only).' },
};
registerEnumType(RetryItemsEnum, { name: 'RetryItems', description: 'Which items a retry runs again.', valuesConfig: retryValues });
