import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError } from '@weft/errors';
import { fromDebianPackage } from './debian-package.js';

const run = promisify(execFile);

interface Program {
  readonly command: string;
  readonly debian: { readonly name: string; readonly file: string };
  /** What to do when it cannot be had. */
  readonly remedy: string;
}

const NATS_SERVER: Program = {
  command: 'nats-server',
  debian: { name: 'nats-server', file: 'usr/sbin/nats-server' },
  remedy:
    'Install it (Debian: apt-get install nats-server; macOS: brew install nats-server) so that it is on the PATH, ' +
    'or set NATS_URL to a running server with JetStream.',
};

const BUBBLEWRAP: Program = {
  command: 'bwrap',
  debian: { name: 'bubblewrap', file: 'usr/bin/bwrap' },
  remedy:
    'Install it (Debian: apt-get install bubblewrap) so that bwrap is on the PATH; without it user code cannot be ' +
    'sandboxed and the local targets stay UNAVAILABLE.',
};

/** The NATS server: on the PATH, else from the system's packages in the cache, else a refusal that says what to do. */
export const findNatsServer = (cacheDir: string): Promise<string> => find(NATS_SERVER, cacheDir);

/** bubblewrap, the sandbox of user code, found in the same way. */
export const findBubblewrap = (cacheDir: string): Promise<string> => find(BUBBLEWRAP, cacheDir);

/** The full path of a command, as a shell finds it; the folders of system services are looked into as well. */
export async function findOnPath(command: string): Promise<string | undefined> {
  const script = 'PATH="$PATH:/usr/local/sbin:/usr/sbin" command -v "$1"';
  return run('sh', ['-c', script, 'sh', command]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}

async function find(program: Program, cacheDir: string): Promise<string> {
  const installed = await findOnPath(program.command);
  if (installed !== undefined) return installed;
  try {
    return await fromDebianPackage(program.debian.name, program.debian.file, cacheDir);
  } catch (cause) {
    const reason = reasonOf(cause as Error & { stderr?: string });
    throw new AppError(
      'CONFIG_INVALID',
      `${program.command} is not on the PATH and could not be fetched (${reason}). ${program.remedy}`,
      { program: program.command },
      { cause },
    );
  }
}

/** apt-get says what is wrong in its last lines; the command line in front of them helps nobody. */
const reasonOf = ({ message, stderr }: Error & { stderr?: string }): string =>
  (stderr ?? '').trim().split('\n').at(-1) || (message.split('\n')[0] ?? '');
