/**
 * Named points at which a test can hold or kill a process (DESIGN §9). They do nothing unless
 * WEFT_SYNC_POINTS names them: `after-commit=kill,before-report=sleep:500,after-claim=kill#2` -
 * an action and, after `#`, on which hit of the point it strikes (default the first).
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
  const actions = parseSyncPoints(text);
  const hits = new Map<string, number>();
  return async (name) => {
    const action = actions.get(name);
    if (action === undefined) return;
    const hit = (hits.get(name) ?? 0) + 1;
    hits.set(name, hit);
    if (hit !== action.hit) return;
    process.stderr.write(`sync point ${name}: ${action.kind}\n`);
    if (action.kind === 'sleep') await new Promise((resolve) => setTimeout(resolve, action.ms));
    else process.kill(process.pid, action.kind === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  };
}
