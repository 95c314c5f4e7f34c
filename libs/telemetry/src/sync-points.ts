import { readFileSync, renameSync } from 'node:fs';

/**
 * Named points at which a test can hold or kill a process (DESIGN §9). They do nothing unless
 * WEFT_SYNC_POINTS names them: `after-commit=kill,before-report=sleep:500,after-claim=kill#2` -
 * an action and, after `#`, on which hit of the point it strikes (default the first).
 * `file:<path>`: the points are what the file says at the moment, if it is there; who strikes renames it to
 * `<path>.struck`, so that one arming strikes one process once, and processes that live already can be armed.
 */
export type SyncPoint = (name: string) => Promise<void>;

interface Action {
  readonly kind: 'kill' | 'stop' | 'sleep';
  readonly ms: number;
  readonly hit: number;
}

export function parseSyncPoints(text: string): Map<string, Action> {
  const actions = new Map<string, Action>();
  for (const part of text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)) {
    const parsed = /^([\w-]+)=(kill|stop|sleep)(?::(\d+))?(?:#(\d+))?$/.exec(part);
    if (parsed === null) throw new Error(`WEFT_SYNC_POINTS: cannot read "${part}"`);
    const [, name, kind, ms, hit] = parsed;
    actions.set(name as string, { kind: kind as Action['kind'], ms: Number(ms ?? 0), hit: Number(hit ?? 1) });
  }
  return actions;
}

export function createSyncPoints(text: string | undefined): SyncPoint {
  if (text === undefined || text === '') return () => Promise.resolve();
  if (text.startsWith(FROM_FILE)) return armedByFile(text.slice(FROM_FILE.length));
  const actions = parseSyncPoints(text);
  const hits = new Map<string, number>();
  return async (name) => {
    const action = actions.get(name);
    if (action !== undefined && hitAgain(hits, name) === action.hit) await strike(name, action);
  };
}

const FROM_FILE = 'file:';

function armedByFile(path: string): SyncPoint {
  const hits = new Map<string, number>();
  return async (name) => {
    const text = textOf(path);
    const action = text === undefined ? undefined : parseSyncPoints(text).get(name);
    if (action === undefined || hitAgain(hits, `${text} ${name}`) !== action.hit) return;
    try {
      renameSync(path, `${path}.struck`);
    } catch {
      return;
    }
    await strike(name, action);
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function hitAgain(hits: Map<string, number>, name: string): number {
  const hit = (hits.get(name) ?? 0) + 1;
  hits.set(name, hit);
  return hit;
}

async function strike(name: string, action: Action): Promise<void> {
  process.stderr.write(`sync point ${name}: ${action.kind}\n`);
  if (action.kind === 'sleep') await new Promise((resolve) => setTimeout(resolve, action.ms));
  else process.kill(process.pid, action.kind === 'kill' ? 'SIGKILL' : 'SIGSTOP');
}
