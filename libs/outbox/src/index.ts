export { Outbox1700000000000 } from './outbox-migration.js';
export {
  appendToOutbox,
  firstHearing,
  keepDeadLetter,
  outboxRow,
  pruneInbox,
  type OutboxRow,
} from './outbox.js';
export { startRelay, type Relay, type RelayOptions } from './relay.js';
