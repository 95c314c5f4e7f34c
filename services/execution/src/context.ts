// The only place where the parts of this service are brought together. Nothing is started here.
import { createHash, randomUUID } from 'node:crypto';
import { principalsOf } from '@weft/contracts';
import type { Database } from '@weft/database';
import { organizationIds } from '@weft/identity';
import type { Consumer } from '@weft/messaging';
import { keepDeadLetter, type Relay } from '@weft/outbox';
import { actorVerifierOf } from '@weft/process';
import type { RequestContext } from '@weft/subgraph';
import {
  createLogger,
  createMetrics,
  createSyncPoints,
  currentCorrelation,
  type Logger,
} from '@weft/telemetry';
import { appendLogs } from './application/append-logs.js';
import { createUpload } from './application/create-upload.js';
import { hearDataPools } from './application/hear-data-pools.js';
import { hearDatasets } from './application/hear-datasets.js';
import { hearJobRecord } from './application/hear-job-record.js';
import { hearJobsChanged } from './application/hear-jobs-changed.js';
import { issueArtifactUrl } from './application/issue-artifact-url.js';
import { receiveUpload } from './application/receive-upload.js';
import { recordBeat } from './application/record-beat.js';
import { registerTargets } from './application/register-targets.js';
import { reviewTargets } from './application/review-target.js';
import type { ExecutionConfig } from './config.js';
import { isStored } from './domain/artifact.js';
import { LOCAL_PROVIDER, LOCAL_TARGETS } from './domain/local-targets.js';
import type { ExecutionContext } from './graphql/context.js';
import { createLoaders } from './graphql/loaders.js';
import { createArtifactRoute } from './http/artifact-routes.js';
import { createArtifactUrls } from './http/artifact-urls.js';
import { createLogBell } from './messaging/log-bell.js';
import { createBlobStore } from './persistence/blob-store.js';
import { dataPoolNews } from './persistence/data-pool-news.js';
import { datasetNews } from './persistence/dataset-news.js';
import { contents } from './persistence/holders.js';
import { recordNews } from './persistence/record-news.js';
import { jobNews } from './persistence/job-news.js';
import { logStore } from './persistence/log-store.js';
import { createReads } from './persistence/reads.js';
import { createTransact } from './persistence/transact.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What tests may put in the place of the real parts. */
export interface ExecutionOverrides {
  readonly logger?: Logger;
}

export const createServiceLogger = (config: ExecutionConfig): Logger =>
  createLogger('execution', config.LOG_LEVEL);

export type Context = ReturnType<typeof createContext>;

export function createContext(config: ExecutionConfig, database: Database, logger: Logger) {
  const relay: { current: Relay | undefined } = { current: undefined };
  const listening: { url: string } = { url: config.INTERNAL_URL ?? '' };
  const transact = createTransact(database, {
    correlationId: () => currentCorrelation() ?? randomUUID(),
    committed: () => relay.current?.wake(),
  });
  const reads = createReads(database);
  const blobs = createBlobStore(config.ARTIFACT_DIR);
  const urls = createArtifactUrls({
    signingKey: config.ARTIFACT_SIGNING_KEY,
    publicUrl: config.PUBLIC_URL,
    internalUrl: () => listening.url,
  });
  const bell = createLogBell();
  const news = jobNews(database);
  const hearing: { jobs: Consumer | undefined } = { jobs: undefined };
  const courier = { hurry: async () => hearing.jobs?.hurry() };
  const logs = logStore(database);
  const given = { transact, reads, blobs, urls, bell, news, courier, logs, newId: randomUUID };

  return {
    config,
    database,
    logger,
    bell,
    relay,
    hearing,
    listening,
    metrics: createMetrics('execution'),
    syncPoint: createSyncPoints(config.WEFT_SYNC_POINTS),
    verifier: actorVerifierOf(config),
    registerTargets: () => registerTargets(transact, LOCAL_PROVIDER, LOCAL_TARGETS),
    reviewTargets: () => reviewTargets(transact),
    forgetAbandonedUploads: (olderThanMs: number) =>
      transact((tx) => tx.artifacts.forgetAbandoned(olderThanMs)),
    appendLogs: appendLogs.bind(undefined, given),
    issueArtifactUrl: issueArtifactUrl.bind(undefined, given),
    recordBeat: recordBeat.bind(undefined, { transact, sha256 }),
    hearJobsChanged: hearJobsChanged.bind(undefined, given),
    hearJobRecord: hearJobRecord.bind(undefined, { records: recordNews(database), blobs }),
    hearDataPools: hearDataPools({ pools: dataPoolNews(database), contents: contents(database), blobs }),
    hearDatasets: hearDatasets({ datasets: datasetNews(database), contents: contents(database), blobs }),
    hearServiceVersion: (fact: { serviceVersionId: string; seq: number; code: { artifactId: string } }) =>
      news.keepServiceCode(fact.serviceVersionId, fact.code.artifactId, fact.seq),
    onDeadLetter: (letter: Parameters<typeof keepDeadLetter>[1]) => keepDeadLetter(database, letter),
    route: createArtifactRoute({
      urls,
      blobs,
      receive: (artifactId, source) => receiveUpload(given, artifactId, source),
      find: async (artifactId) => {
        const artifact = await transact((tx) => tx.artifacts.find(artifactId));
        return artifact !== undefined && isStored(artifact) ? artifact : undefined;
      },
    }),
    requestContext(base: RequestContext): ExecutionContext {
      const visible = organizationIds(base.actor);
      return {
        ...base,
        organizationIds: visible,
        loaders: createLoaders(reads, visible, principalsOf(base.actor)),
        reads,
        bell,
        urls,
        createUpload: (input) => createUpload(given, base.actor, input),
      };
    },
  };
}
