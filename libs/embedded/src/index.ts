export { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres.js';
export { ensureDatabases, type DatabaseAccount } from './postgres-databases.js';
export { startNats, type NatsOptions, type RunningNats } from './nats.js';
export {
  EVERYTHING,
  NATS_ROLES,
  rolePermissions,
  workerPermissions,
  type NatsPermissions,
  type NatsRole,
  type NatsUser,
} from './nats-roles.js';
export { findBubblewrap, findNatsServer, findOnPath } from './programs.js';
export { readableCopy } from './readable-copy.js';
export { ANYBODY, isRoot, mayTraverse } from './system-user.js';
export { startChild, type ChildSpec, type ProcessExit, type RunningProcess } from './child.js';
export {
  commandLine,
  endProcesses,
  isRunning,
  processesMarked,
  processFacts,
  waitUntilGone,
  type ProcessFacts,
} from './processes.js';
export { freePort, isFree } from './free-port.js';
export { writeAtomically } from './atomic-file.js';
export { startTestServers, type TestServers, type TestServersOptions } from './test-servers.js';
