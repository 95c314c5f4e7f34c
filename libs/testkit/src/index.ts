export { aUser, testIdentity, theGateway, type TestIdentity } from './actors.js';
export { whenFileEnds } from './cleanup.js';
export { eventually } from './eventually.js';
export {
  emptyTestDatabase,
  testDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.js';
export { testBroker, testMessaging, type TestBroker, type TestBrokerOptions } from './test-messaging.js';
export { allHeard, rowsOf, twiceAndShuffled } from './disorder.js';
export { unzipped } from './unzipped.js';
