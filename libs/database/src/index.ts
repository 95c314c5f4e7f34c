export {
  openDatabase,
  sqlState,
  UNIQUE_VIOLATION,
  violatedConstraint,
  type Database,
  type DatabaseOptions,
  type Queryable,
  type Statement,
  type Tx,
} from './database.js';
export {
  decodeCursor,
  DEFAULT_PAGE,
  encodeCursor,
  MAX_PAGE,
  pageOf,
  pageRequest,
  type KeyPart,
  type Page,
  type PageRequest,
} from './page.js';
export { groupCommit, type GroupCommitOptions } from './group-commit.js';
export { type DatabaseClock } from './clock.js';
export { newId } from './new-id.js';
