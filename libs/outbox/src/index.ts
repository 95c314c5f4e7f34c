export { Outbox1700000000000 } from './outbox-migration.js';
export {
  appendToOutbox,
  draftOf,
  firstHearing,
  firstHearings,
  fitsMessage,
  keepDeadLetter,
  outboxRow,
  pruneInbox,
  refusedByDatabase,
  type OutboxRow,
} from './outbox.js';
export { startRelay, type CommittedRow, type Relay, type RelayOptions, type RewriteNews } from './relay.js';
export { keepStreamWhole, RETOLD_DAYS, type Retell, type StreamKeeper } from './rebuild-stream.js';
export { OutboxSources1763000000017 } from './outbox-sources-migration.js';
export { ToldStream1700000000010 } from './told-stream-migration.js';
