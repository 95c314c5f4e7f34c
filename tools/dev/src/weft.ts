// The whole system on one machine: what is started in which order, kept running, and stopped in the opposite order.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@weft/errors';
import { findBubblewrap, NATS_ROLES, readableCopy } from '@weft/embedded';
import { lockData } from './data-lock.js';
import { databaseUrls, givenDatabases } from './databases.js';
import { embeddedNats, embeddedPostgres } from './foundations.js';
import { gatewayAddress } from './gateway-address.js';
import { keepRunning, type Crash, type KeptPart, type Part, type PartEvents } from './kept-part.js';
import { describeRunning, endLeftovers } from './leftovers.js';
import { markOf, nodeBinary, nodeChild } from './node-child.js';
import { endpointOf, type NodePart } from './parts.js';
import { choosePlaces } from './places.js';
import { choosePorts, readPorts, rememberPorts } from './ports.js';
import type { Progress } from './progress.js';
import { removeRunFile, writeRunFile } from './run-file.js';
import { ensureSecrets } from './secrets.js';
import { SERVICES, type ServiceName, type Settings } from './settings.js';
import type { World } from './world.js';

export interface WeftOptions {
  readonly repo: string;
  readonly settings: Settings;
  readonly inherited: Readonly<Record<string, string>>;
  readonly progress: Progress;
  readonly parts: (world: World) => NodePart[];
}

export interface Weft {
  /** Resolves when everything is ready; rejects with the reason when it cannot be. */
  start(): Promise<Started>;
  /** Stops everything; called again, at once. */
  stop(): Promise<void>;
}

export interface Started {
  readonly world: World;
  readonly url: string;
  readonly tokenFile: string;
}

/** Stopped from left to right, started from right to left. */
const STAGES = ['gateway', 'worker', 'service', 'nats', 'postgres'] as const;
type Stage = (typeof STAGES)[number];

const WORKER_ID = 'worker-1';
const STOP_LIMIT_MS = 10_000;
const LEAST_GRACE_MS = 500;
/** A part that crashes this often before it ever served will not come up. */
const HOPELESS_AFTER = 5;
const LOG_TAIL_LINES = 15;

export function createWeft(options: WeftOptions): Weft {
  const { settings, progress, repo } = options;
  const kept: Record<Stage, KeptPart[]> = { gateway: [], worker: [], service: [], nats: [], postgres: [] };
  const all = (): KeptPart[] => STAGES.flatMap((stage) => kept[stage]);
  const startedAt = new Date().toISOString();
  let stopping = false;
  let dataDir = '';
  let announce = (): void => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const hopeless = new Promise<never>((_, reject) => {
    fail = reject;
  });
  hopeless.catch(() => undefined);

  const launch = (stage: Stage, part: Part): KeptPart => {
    if (stopping) throw new AppError('CANCELLED', 'Stopped while starting.');
    const events: PartEvents = {
      changed: () => announce(),
      crashed: (crash) => {
        const logFile = join(dataDir, 'logs', `${crash.part}.log`);
        if (!crash.wasReady && crash.failures >= HOPELESS_AFTER) fail(neverServed(crash, logFile));
        // A foundation that cannot start fails the whole start, which says why.
        if (!stopping && (crash.wasReady || (stage !== 'nats' && stage !== 'postgres')))
          progress.crashed(crash, logFile);
      },
      ready: (name, again) => (again ? progress.say(`  ${name} is back`) : progress.ready(name)),
    };
    const one = keepRunning(part, events, settings.WEFT_RESTART_PAUSE_MAX);
    kept[stage].push(one);
    return one;
  };

  const start = async (): Promise<Started> => {
    const places = choosePlaces(repo, settings.WEFT_DATA_DIR);
    dataDir = places.dataDir;
    lockData(dataDir, (pid) => describeRunning(dataDir, pid));
    const left = await endLeftovers(dataDir);
    if (left > 0)
      progress.say(`  ended ${left} process${left === 1 ? '' : 'es'} that a killed start had left behind`);

    const lastPort = readPorts(join(dataDir, 'ports.json'))['gateway'];
    const gateway = await gatewayAddress(settings.HOST, settings.PORT, lastPort);
    rememberPorts(dataDir, { gateway: gateway.port });
    const secrets = await ensureSecrets(dataDir, SERVICES, [...NATS_ROLES, WORKER_ID]);
    const targets = settings.WORKER_TARGETS.split(',').map((one) => one.trim());
    const place = { dataDir, cacheDir: places.cacheDir, secrets, mark: markOf(dataDir) };

    const given = givenDatabases(settings);
    const wantsPostgres = settings.DATABASE_URL === undefined && Object.keys(given).length < SERVICES.length;
    const postgres = wantsPostgres ? embeddedPostgres(place) : undefined;
    const nats =
      settings.NATS_URL === undefined ? embeddedNats(place, { id: WORKER_ID, targets }) : undefined;
    progress.await([...(postgres ? ['postgres'] : []), ...(nats ? ['nats'] : [])]);
    if (postgres) launch('postgres', postgres);
    if (nats) launch('nats', nats);

    const adminUrl = async (): Promise<string> =>
      settings.DATABASE_URL?.reveal() ?? (await postgres?.server)?.adminUrl ?? '';
    const [urls, ports, bwrapPath, natsUrl] = await Promise.all([
      databaseUrls(given, adminUrl, secrets),
      choosePorts<ServiceName>(dataDir, SERVICES),
      sandboxProgram(places.cacheDir),
      settings.NATS_URL ?? nats?.server.then((server) => server.url) ?? '',
    ]);
    const world: World = {
      repo,
      dataDir,
      secrets:
        settings.SECRETS_KEY === undefined
          ? secrets
          : { ...secrets, secretsKey: settings.SECRETS_KEY.reveal() },
      ports,
      databaseUrls: urls,
      nats: {
        url: natsUrl,
        credential: (user) =>
          nats === undefined
            ? givenCredential(settings)
            : { NATS_USER: user, NATS_PASSWORD: secrets.nats[user] ?? '' },
      },
      gateway,
      publicUrl: settings.PUBLIC_URL ?? `http://localhost:${gateway.port}`,
      worker: {
        id: WORKER_ID,
        targets,
        bwrapPath,
        nodeRuntime: options.inherited['NODE_RUNTIME'] ?? readableCopy(nodeBinary(repo), places.cacheDir),
        sandboxDir: places.sandboxDir,
      },
      inherited: options.inherited,
    };

    const table = options.parts(world);
    progress.await(table.map((part) => part.name));
    const nodeParts = table.map((part) => ({ part, kept: launch(part.stage, nodeChild(part, world)) }));
    const cluster = (await postgres?.server)?.cluster ?? null;
    announce = () => writeRunFile(dataDir, describeRun(world, nodeParts, cluster));
    announce();
    await Promise.race([Promise.all(all().map((one) => one.firstReady)), hopeless]);
    return { world, url: world.publicUrl, tokenFile: join(dataDir, 'token') };
  };

  /** bubblewrap, or nothing: then the local targets tell that they are unavailable, and why. */
  const sandboxProgram = async (cacheDir: string): Promise<string | undefined> => {
    const own = options.inherited['BWRAP_PATH'];
    if (own !== undefined) return own;
    try {
      return readableCopy(await findBubblewrap(cacheDir), cacheDir);
    } catch (error) {
      progress.say(`  ! ${(error as Error).message}`);
      return undefined;
    }
  };

  const describeRun = (
    world: World,
    nodeParts: readonly { part: NodePart; kept: KeptPart }[],
    cluster: string | null,
  ) => {
    const pidOf = (name: string): number | null =>
      all()
        .find((one) => one.name === name)
        ?.pid() ?? null;
    const workers = nodeParts.filter(({ part }) => part.stage === 'worker');
    const base = `http://${world.gateway.probeHost}:${world.gateway.port}`;
    return {
      version: 1,
      startedAt,
      data: world.dataDir,
      url: base,
      gateway: { url: base, port: world.gateway.port, pid: pidOf('gateway') },
      subgraphs: Object.fromEntries(
        SERVICES.map((one) => [
          one,
          { url: endpointOf(world, one), port: world.ports[one], pid: pidOf(one) },
        ]),
      ),
      workers: workers.map(({ part }) => ({
        id: part.name,
        pid: pidOf(part.name),
        targets: world.worker.targets,
      })),
      nats: { ...addressOf(world.nats.url, 4222), pid: pidOf('nats') },
      postgres: { ...addressOf(world.databaseUrls.jobs, 5432), pid: pidOf('postgres'), cluster },
      supervisor: { pid: process.pid },
    } as const;
  };

  const stop = async (): Promise<void> => {
    if (stopping) {
      await Promise.all(all().map((one) => one.stop(0)));
      return;
    }
    stopping = true;
    const deadline = performance.now() + STOP_LIMIT_MS;
    for (const [index, stage] of STAGES.entries()) {
      const later = STAGES.length - 1 - index;
      const grace = Math.max(LEAST_GRACE_MS, deadline - performance.now() - later * 2 * LEAST_GRACE_MS);
      await Promise.all(kept[stage].map((one) => one.stop(grace)));
    }
    if (all().length > 0) removeRunFile(dataDir);
  };

  return { start, stop };
}

/** The credential for a real NATS server, the same for every part. */
const givenCredential = (settings: Settings): Record<string, string> => ({
  ...(settings.NATS_USER === undefined ? {} : { NATS_USER: settings.NATS_USER }),
  ...(settings.NATS_PASSWORD === undefined ? {} : { NATS_PASSWORD: settings.NATS_PASSWORD.reveal() }),
});

function neverServed(crash: Crash, logFile: string): AppError {
  let tail = '';
  try {
    tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n    ');
  } catch {
    // It never wrote one.
  }
  return new AppError(
    'INTERNAL',
    `${crash.part} does not start: it ${crash.reason}. The end of ${logFile}:\n    ${tail}`,
  );
}

/** Host and port of a URL, without credentials. */
function addressOf(url: string, defaultPort: number): { url: string; port: number } {
  const { protocol, hostname, port } = new URL(url.split(',')[0] ?? url);
  const number = Number(port || defaultPort);
  return { url: `${protocol}//${hostname}:${number}`, port: number };
}
