export { Outbox1700000000000 } from './outbox-migration.js';
export {
  appendToOutbox,
  firstHearing,
  firstHearings,
  keepDeadLetter,
  outboxRow,
  pruneInbox,
  refusedByDatabase,
  type OutboxRow,
} from './outbox.js';
export { startRelay, type CommittedRow, type Relay, type RelayOptions } from './relay.js';
export { keepStreamWhole, RETOLD_DAYS, type Retell, type StreamKeeper } from './rebuild-stream.js';
export { ToldStream1700000000010 } from './told-stream-migration.js';
