// A registrar of DOIs, wishes in a database of its own, and publishers that tell the one of the other. For tests.
import { Secret } from '@weft/config';
import { createLogger } from '@weft/telemetry';
import { eventually, testDatabase, type TestDatabase } from '@weft/testkit';
import type { PidProvider, PidPublicationView, PidRecord } from '../application/pid-ports.js';
import { registryDatabase } from '../context.js';
import { pidPublications, pidQueue, wishPublished } from '../persistence/pid-publication-store.js';
import { dataciteProvider } from '../pids/datacite.js';
import { startPidPublisher, type PidPublisher, type PublisherOptions } from '../pids/pid-publisher.js';
import {
  DATACITE_PASSWORD,
  DATACITE_PREFIX,
  DATACITE_REPOSITORY,
  startDataciteServer,
  type DataciteServer,
} from './datacite-server.js';

export const BASE = 'https://weft.example.org/id';
export const silent = createLogger('test', 'silent');

export const aRecord = (title = 'Reef survey'): PidRecord => ({
  title,
  creators: ['Lovelace, Ada'],
  publisher: 'Example Institute',
  year: 2026,
  type: 'DATASET',
});

export interface PidStage {
  readonly database: TestDatabase;
  readonly server: DataciteServer;
  datacite(password?: string): PidProvider;
  start(options?: Partial<PublisherOptions>): PidPublisher;
  aPid(): string;
  publish(pid: string, record?: PidRecord): Promise<void>;
  /** What the registrar has. */
  doi(pid: string): ReturnType<DataciteServer['dois']['get']>;
  view(pid: string): Promise<PidPublicationView | undefined>;
  reached(pid: string, state: string): Promise<unknown>;
  /** Ends the publishers; the database stays. */
  end(): Promise<void>;
}

/** What was logged, by its level. */
export function recorder() {
  const lines: { level: string; facts: Record<string, unknown>; message: string }[] = [];
  const logger = Object.create(silent) as typeof silent;
  for (const level of ['info', 'warn', 'error'] as const)
    Object.assign(logger, {
      [level]: (facts: Record<string, unknown>, message: string) => lines.push({ level, facts, message }),
    });
  return { lines, logger };
}

export const pidDatabase = (): Promise<TestDatabase> => testDatabase(registryDatabase);

/** With a registrar that knows nothing, and nothing wished. */
export async function pidStage(database: TestDatabase): Promise<PidStage> {
  await database.query(`truncate pid_publication`);
  const server = await startDataciteServer();
  const publishers: PidPublisher[] = [];
  const stage: PidStage = {
    database,
    server,
    datacite: (password = DATACITE_PASSWORD) =>
      dataciteProvider({
        url: server.url,
        prefix: DATACITE_PREFIX,
        shoulder: 'w1',
        user: DATACITE_REPOSITORY,
        password: new Secret(password),
        timeoutMs: 2_000,
      }),
    start(options = {}) {
      const publisher = startPidPublisher({
        queue: pidQueue(database),
        provider: stage.datacite(),
        resolverUrl: BASE,
        logger: silent,
        leaseMs: 60_000,
        everyMs: 10,
        retry: { tries: 3, backoffMs: 10 },
        pauseMs: () => 10,
        ...options,
      });
      publishers.push(publisher);
      return publisher;
    },
    aPid: () => stage.datacite().mint(),
    publish: (pid, record = aRecord()) => wishPublished(database, 'datacite', [{ pid, record }]),
    doi: (pid) => server.dois.get(pid.slice('doi:'.length)),
    view: async (pid) => (await pidPublications(database, [pid])).get(pid),
    reached: (pid, state) =>
      eventually(`${pid} ${state}`, async () => (await stage.view(pid))?.state === state),
    async end() {
      await Promise.all(publishers.map((one) => one.stop()));
    },
  };
  return stage;
}
