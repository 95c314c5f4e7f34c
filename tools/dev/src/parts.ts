// The table of the Node.js parts: what each is started with (docs/processes.md). Data only; it starts nothing.
import { join } from 'node:path';
import { SERVICES, type ServiceName } from './settings.js';
import type { World } from './world.js';

export interface NodePart {
  readonly name: string;
  /** Parts of a later stage are stopped first. */
  readonly stage: 'service' | 'worker' | 'gateway';
  readonly entry: string;
  /** Limit of the JavaScript heap: a leak ends one part, not the machine. */
  readonly heapMb: number;
  /** Size of V8's nursery: the default of 16 MB, three times over, is most of an idle service's memory. */
  readonly nurseryMb: number;
  readonly env: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Answers 200 when the part serves; absent: the part is ready once it has lived for two seconds. */
  readonly readyUrl?: string;
}

const HEAP_MB: Readonly<Record<ServiceName, number>> = {
  marketplace: 256,
  execution: 384,
  registry: 256,
  jobs: 384,
};

export const endpointOf = (world: World, service: ServiceName): string =>
  `http://127.0.0.1:${world.ports[service]}/graphql`;

export function partsOf(world: World): NodePart[] {
  return [...SERVICES.map((service) => servicePart(world, service)), workerPart(world), gatewayPart(world)];
}

function servicePart(world: World, service: ServiceName): NodePart {
  const port = world.ports[service];
  return {
    name: service,
    stage: 'service',
    entry: join(world.repo, 'services', service, 'dist', 'main.js'),
    heapMb: HEAP_MB[service],
    nurseryMb: service === 'jobs' ? 8 : 4,
    port,
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: world.databaseUrls[service],
      ...brokerOf(world, service),
      ACTOR_JWKS: JSON.stringify(world.secrets.actorSigningKey.jwks),
      ...ownSettings(world, service),
    },
  };
}

function ownSettings(world: World, service: ServiceName): Record<string, string> {
  switch (service) {
    case 'marketplace':
      return { FIRST_USER_TOKEN: world.secrets.firstUserToken };
    case 'execution':
      return {
        ARTIFACT_DIR: join(world.dataDir, 'artifacts'),
        ARTIFACT_SIGNING_KEY: world.secrets.artifactSigningKey,
        PUBLIC_URL: world.publicUrl,
        INTERNAL_URL: `http://127.0.0.1:${world.ports.execution}`,
      };
    case 'jobs':
      return { SECRETS_KEY: world.secrets.secretsKey };
    case 'registry':
      return {};
  }
}

function workerPart(world: World): NodePart {
  const { worker } = world;
  return {
    name: worker.id,
    stage: 'worker',
    entry: join(world.repo, 'services', 'execution', 'dist', 'worker-main.js'),
    heapMb: 256,
    nurseryMb: 4,
    env: {
      ...brokerOf(world, worker.id),
      WORKER_ID: worker.id,
      WORKER_TARGETS: worker.targets.join(','),
      WORKER_STATE_DIR: join(world.dataDir, 'worker', worker.id),
      SANDBOX_DIR: worker.sandboxDir,
      NODE_RUNTIME: worker.nodeRuntime,
      ...(worker.bwrapPath === undefined ? {} : { BWRAP_PATH: worker.bwrapPath }),
    },
  };
}

function gatewayPart(world: World): NodePart {
  const { host, port, probeHost } = world.gateway;
  return {
    name: 'gateway',
    stage: 'gateway',
    entry: join(world.repo, 'gateway', 'dist', 'main.js'),
    heapMb: 1_024,
    nurseryMb: 8,
    port,
    readyUrl: `http://${probeHost}:${port}/readyz`,
    env: {
      HOST: host,
      PORT: String(port),
      SUPERGRAPH_FILE: join(world.repo, 'gateway', 'supergraph.graphql'),
      SUBGRAPH_URLS: JSON.stringify(Object.fromEntries(SERVICES.map((one) => [one, endpointOf(world, one)]))),
      GATEWAY_AUTH: 'on',
      ACTOR_SIGNING_KEY: JSON.stringify(world.secrets.actorSigningKey.privateJwk),
    },
  };
}

const brokerOf = (world: World, user: string): Record<string, string> => ({
  NATS_URL: world.nats.url,
  ...world.nats.credential(user),
});
