import type { ServiceRuntime } from '@weft/contracts';
import { realpathSync, lstatSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SandboxLimits } from './run-spec.js';

/** How a run is started. Pure composition of argument lists: nothing here starts anything. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Given to bwrap on fd 4, so that the host's paths do not show in the command line inside. */
  readonly sandboxArgs: readonly string[] | undefined;
}

export interface LaunchOptions {
  /** What runs inside: the harness of a language, or that of shell commands. */
  readonly harness: ServiceRuntime | 'COMMAND';
  /** The interpreter that commands find on their PATH. */
  readonly onPath: ServiceRuntime | null;
  readonly jobFolder: string;
  readonly limits: SandboxLimits;
  readonly join: readonly string[];
  /** The kernel holds memory and processes (cgroups); if not, resource limits are the backstop. */
  readonly enforced: boolean;
}

export interface LaunchTools {
  readonly bwrap: string | undefined;
  readonly node: string;
  readonly python: string | undefined;
  /** The user that a run of this slot becomes; `undefined` for an ordinary user, who stays who they are. */
  readonly uid: number | undefined;
}

const MIB = 1024 * 1024;
const SHM_BYTES = 16 * MIB;
const HEAP_SHARE = 0.8;
/** Node.js reserves about this much address space before it runs anything. */
const NODE_RESERVED_BYTES = 1_024 * MIB;
const PYTHON_RESERVED_BYTES = 256 * MIB;
const BACKSTOP_TASKS = 16;

/** Joins the groups, makes this process the first to go when the machine is out of memory, closes what it inherited. */
const LAUNCHER = [
  'n=$1; shift',
  'while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done',
  'echo 1000 > /proc/self/oom_score_adj 2>/dev/null',
  'exec 5>&- 6>&- 7>&- 8>&- 9>&-',
  'exec "$@"',
].join('; ');

const SYSTEM_FOLDERS = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/libexec',
  '/usr/share/zoneinfo',
];
const SYSTEM_FILES = ['/etc/ld.so.cache', '/etc/alternatives'];
const TOP_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64'];

/** `/lib` and its like are links into /usr on most systems and folders on the others. */
function systemView(): string[] {
  const args: string[] = [];
  for (const path of [...SYSTEM_FOLDERS, ...SYSTEM_FILES]) args.push('--ro-bind-try', path, path);
  for (const path of TOP_FOLDERS.filter((one) => existsSync(one))) {
    if (lstatSync(path).isSymbolicLink()) args.push('--symlink', `usr${path}`, path);
    else args.push('--ro-bind', path, path);
  }
  return args;
}

/** A Python outside /usr/bin brings its own library folder: `<prefix>/bin/python3` and `<prefix>/lib`. */
function pythonView(python: string): string[] {
  const prefix = dirname(dirname(realpathSync(python)));
  return prefix === '/usr' ? [] : ['--ro-bind', prefix, prefix];
}

/** What to run inside: interpreter, harness. Paths are those of the sandbox (or of the host when there is none). */
function program(options: LaunchOptions, node: string, python: string, harness: string): string[] {
  const { limits } = options;
  if (options.harness === 'PYTHON') return [python, '-I', '-B', '-u', `${harness}/run.py`];
  const heapMib = Math.max(16, Math.floor((limits.memoryBytes * HEAP_SHARE) / MIB));
  const file = options.harness === 'COMMAND' ? 'run-command.mjs' : 'run.mjs';
  return [node, `--max-old-space-size=${heapMib}`, '--no-warnings', `${harness}/${file}`];
}

function resourceLimits(options: LaunchOptions, ownUsers: boolean): string[] {
  const { limits, harness } = options;
  const args = ['/usr/bin/prlimit', '--core=0', `--fsize=${limits.diskBytes}`, '--nofile=1024'];
  if (!options.enforced) {
    args.push(
      `--data=${limits.memoryBytes + (harness === 'PYTHON' ? PYTHON_RESERVED_BYTES : NODE_RESERVED_BYTES)}`,
    );
    if (ownUsers) args.push(`--nproc=${limits.processes + BACKSTOP_TASKS}`);
  }
  return args;
}

export function composeLaunch(options: LaunchOptions, tools: LaunchTools): Launch {
  const become = tools.uid === undefined ? [] : asUser(tools.uid);
  const launcher = ['-c', LAUNCHER, 'weft-launch', String(options.join.length), ...options.join, ...become];
  if (tools.bwrap === undefined) {
    const inside = [
      ...program(options, tools.node, tools.python ?? 'python3', options.jobFolder),
      options.jobFolder,
    ];
    const limited = existsSync('/usr/bin/prlimit') ? [...resourceLimits(options, false), '--'] : [];
    return { command: '/bin/sh', args: [...launcher, ...limited, ...inside], sandboxArgs: undefined };
  }
  const inside = program(options, '/opt/weft/node', tools.python ?? 'python3', '/job');
  return {
    command: '/bin/sh',
    args: [...launcher, tools.bwrap, '--args', '4', '--', ...resourceLimits(options, true), '--', ...inside],
    sandboxArgs: sandbox(options, tools),
  };
}

const asUser = (uid: number): string[] => [
  '/usr/bin/setpriv',
  `--reuid=${uid}`,
  `--regid=${uid}`,
  '--clear-groups',
  '--no-new-privs',
  '--',
];

function interpreterFolder({ onPath }: LaunchOptions, { python }: LaunchTools): string[] {
  if (onPath === 'NODEJS') return ['/opt/weft/bin'];
  return onPath === 'PYTHON' && python !== undefined ? [dirname(realpathSync(python))] : [];
}

function sandbox(options: LaunchOptions, tools: LaunchTools): string[] {
  const showsPython = options.harness === 'PYTHON' || options.onPath === 'PYTHON';
  return [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    '--cap-drop', 'ALL',
    '--uid', '65534',
    '--gid', '65534',
    '--hostname', 'job',
    ...systemView(),
    '--ro-bind', tools.node, '/opt/weft/node',
    ...(options.onPath === 'NODEJS' ? ['--symlink', '/opt/weft/node', '/opt/weft/bin/node'] : []),
    ...(showsPython && tools.python !== undefined ? pythonView(tools.python) : []),
    '--ro-bind', options.jobFolder, '/job',
    '--ro-bind', `${options.jobFolder}/passwd`, '/etc/passwd',
    '--proc', '/proc',
    '--dev', '/dev',
    '--size', String(Math.min(SHM_BYTES, options.limits.diskBytes)), '--tmpfs', '/dev/shm',
    '--remount-ro', '/dev',
    '--size', String(options.limits.diskBytes), '--tmpfs', '/work',
    '--dir', '/work/tmp',
    '--symlink', 'work/tmp', '/tmp',
    '--remount-ro', '/',
    '--chdir', '/work',
    '--clearenv',
    '--setenv', 'PATH', [...interpreterFolder(options, tools), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    '--setenv', 'HOME', '/work',
    '--setenv', 'TMPDIR', '/tmp',
    '--setenv', 'LANG', 'C.UTF-8',
  ]; // prettier-ignore
}
