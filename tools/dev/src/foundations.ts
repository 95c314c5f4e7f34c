// PostgreSQL and NATS: the embedded ones as parts that are kept running, or the real servers that settings name.
import { join } from 'node:path';
import {
  NATS_ROLES,
  rolePermissions,
  startNats,
  startPostgres,
  workerPermissions,
  type NatsUser,
  type RunningNats,
  type RunningPostgres,
} from '@weft/embedded';
import type { Part } from './kept-part.js';
import { logFileOf } from './log-files.js';
import { readPorts, rememberPorts } from './ports.js';
import type { Secrets } from './secrets.js';

export interface Embedded<Server> extends Part {
  /** The server as it was started first; its address never changes. */
  readonly server: Promise<Server>;
}

interface Place {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly secrets: Secrets;
  readonly mark: string;
}

export function embeddedPostgres({ dataDir, cacheDir, secrets }: Place): Embedded<RunningPostgres> {
  return embedded('postgres', dataDir, (address) =>
    startPostgres({
      dataDir,
      cacheDir,
      superPassword: secrets.postgresSuperuser,
      logFile: logFileOf(dataDir, 'postgres'),
      ...address,
    }),
  );
}

export function embeddedNats(
  place: Place,
  worker: { id: string; targets: readonly string[] },
): Embedded<RunningNats> {
  const { dataDir, cacheDir, secrets, mark } = place;
  const passwordOf = (name: string): string => secrets.nats[name] ?? '';
  const users: NatsUser[] = [
    ...NATS_ROLES.map((role) => ({
      name: role,
      password: passwordOf(role),
      permissions: rolePermissions(role, [worker.id]),
    })),
    {
      name: worker.id,
      password: passwordOf(worker.id),
      permissions: workerPermissions(worker.id, worker.targets),
    },
  ];
  const [name, value] = mark.split('=') as [string, string];
  return embedded('nats', dataDir, (address) =>
    startNats({
      storeDir: join(dataDir, 'nats'),
      configDir: dataDir,
      cacheDir,
      users,
      logFile: logFileOf(dataDir, 'nats'),
      env: { [name]: value },
      ...address,
    }),
  );
}

type AddressChoice = { readonly port?: number | undefined; readonly keepPort?: boolean };

function embedded<Server extends RunningPostgres | RunningNats>(
  name: string,
  dataDir: string,
  launch: (address: AddressChoice) => Promise<Server>,
): Embedded<Server> {
  let port = readPorts(join(dataDir, 'ports.json'))[name];
  let settle: { resolve: (server: Server) => void; reject: (error: unknown) => void };
  const server = new Promise<Server>((resolve, reject) => {
    settle = { resolve, reject };
  });
  server.catch(() => undefined);
  return {
    name,
    server,
    async start(first) {
      try {
        const started = await launch({ port, keepPort: !first });
        if (first) rememberPorts(dataDir, { [name]: started.port });
        port = started.port;
        settle.resolve(started);
        return started;
      } catch (error) {
        settle.reject(error);
        throw error;
      }
    },
    // Its start resolves only when it answers.
    isReady: () => Promise.resolve(true),
  };
}
