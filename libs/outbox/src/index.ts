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
