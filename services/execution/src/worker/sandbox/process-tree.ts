import { readdirSync, readFileSync } from 'node:fs';

/** One process as /proc shows it. */
export interface ProcessSample {
  readonly pid: number;
  readonly parent: number;
  readonly threads: number;
  readonly cpuMs: number;
}

export interface TreeSample {
  readonly pids: readonly number[];
  /** Processes and threads together. */
  readonly tasks: number;
  /** Anonymous and shared memory; pages of programs and libraries, which others share, are not counted. */
  readonly memoryBytes: number;
  /** Of the living and of the children that they have waited for. */
  readonly cpuMs: number;
}

const MS_PER_TICK = 10;

/** `pid (name) state ppid …`: the name may hold spaces and parentheses, so fields are counted after its end. */
export function parseStat(text: string): ProcessSample | undefined {
  const nameEnd = text.lastIndexOf(')');
  if (nameEnd === -1) return undefined;
  const fields = text.slice(nameEnd + 2).split(' ');
  const field = (index: number): number => Number(fields[index - 3]);
  if (fields[0] === 'Z') return undefined;
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: Number.parseInt(text, 10), parent: field(4), threads: field(20), cpuMs: ticks * MS_PER_TICK };
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

export function listProcesses(): ProcessSample[] {
  const found: ProcessSample[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const sample = parseStat(read(`/proc/${name}/stat`) ?? '');
    if (sample !== undefined) found.push(sample);
  }
  return found;
}

const kilobytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1_024;

function memoryOf(pid: number): number {
  const status = read(`/proc/${pid}/status`) ?? '';
  return kilobytes(status, 'RssAnon') + kilobytes(status, 'RssShmem');
}

/**
 * The exact share of each process: pages that a fork has in common with its parent count once. Slower than
 * {@link sampleTree}, so asked only when that one says that a limit is passed.
 */
export function sharedMemoryOf(pids: readonly number[]): number {
  return pids.reduce((total, pid) => {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    if (rollup === undefined || rollup === '') return total + memoryOf(pid);
    return total + kilobytes(rollup, 'Pss_Anon') + kilobytes(rollup, 'Pss_Shmem');
  }, 0);
}

function groupByParent(processes: readonly ProcessSample[]): Map<number, ProcessSample[]> {
  const groups = new Map<number, ProcessSample[]>();
  for (const one of processes) groups.set(one.parent, [...(groups.get(one.parent) ?? []), one]);
  return groups;
}

/**
 * A process and all that descends from it. Inside a sandbox this is complete: an orphan becomes a child of the
 * sandbox's own init, which is a descendant too.
 */
export function sampleTree(root: number): TreeSample {
  const processes = listProcesses();
  const children = groupByParent(processes);
  const tree: ProcessSample[] = processes.filter((one) => one.pid === root);
  for (const one of tree) tree.push(...(children.get(one.pid) ?? []));
  const sum = (of: (one: ProcessSample) => number): number => tree.reduce((total, one) => total + of(one), 0);
  return {
    pids: tree.map((one) => one.pid),
    tasks: sum((one) => one.threads),
    memoryBytes: sum((one) => memoryOf(one.pid)),
    cpuMs: sum((one) => one.cpuMs),
  };
}

/** The processes whose environment carries this entry: how an unsandboxed run finds children that left its group. */
export function findByEnvironment(entry: string): number[] {
  return listProcesses()
    .map((one) => one.pid)
    .filter((pid) => (read(`/proc/${pid}/environ`) ?? '').split('\0').includes(entry));
}
