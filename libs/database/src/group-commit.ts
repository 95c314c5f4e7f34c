// Group commit in the process: while one statement is on its way, what else is to be written collects for the next.
// Alone, a write goes at once; under load many share a round trip and a flush of the log to disk.

import { sqlState } from './database.js';

export interface GroupCommitOptions<Entry, Answer> {
  /** Writes all of them in one statement; answers in their order. Each entry stands or falls by itself. */
  readonly write: (entries: readonly Entry[]) => Promise<readonly Answer[]>;
  /** Entries in one statement at the most. */
  readonly most: number;
  /** Statements on their way at the same time. */
  readonly lanes?: number;
  /** Entries of equal key never share a statement: a statement cannot touch one row twice. */
  readonly keysOf?: (entry: Entry) => readonly string[];
  /**
   * What is waited for before the next group is made: something on its way whose end brings more to be written.
   * @param waiting entries that there are already.
   */
  readonly after?: (waiting: number) => Promise<void> | undefined;
  /**
   * Rejects while the database is away. Asked when a group fails with an error that is not the database's own: it tells what
   * an entry breaks from what all would break. Without it, such an error is taken for the latter.
   */
  readonly ping?: () => Promise<void>;
}

interface Waiting<Entry, Answer> {
  readonly entry: Entry;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export function groupCommit<Entry, Answer>(
  options: GroupCommitOptions<Entry, Answer>,
): (entry: Entry) => Promise<Answer> {
  const { most, lanes = 1, keysOf = () => [], after = () => undefined } = options;
  let waiting: Waiting<Entry, Answer>[] = [];
  let underway = 0;

  const nextGroup = (): Waiting<Entry, Answer>[] => {
    const group: Waiting<Entry, Answer>[] = [];
    const later: Waiting<Entry, Answer>[] = [];
    const taken = new Set<string>();
    for (const one of waiting) {
      const keys = keysOf(one.entry);
      if (group.length >= most || keys.some((key) => taken.has(key))) later.push(one);
      else group.push(one);
      for (const key of keys) taken.add(key);
    }
    waiting = later;
    return group;
  };

  const flush = async (): Promise<void> => {
    underway += 1;
    // Whoever asks in the same turn of the loop travels along, however many promises away that is.
    await endOfTurn();
    const before = after(waiting.length);
    if (before !== undefined) {
      await before;
      await endOfTurn();
    }
    const group = nextGroup();
    try {
      if (group.length > 0) await writeGroup(options, group);
    } finally {
      underway -= 1;
      if (waiting.length > 0) void flush();
    }
  };

  return (entry) =>
    new Promise((resolve, reject) => {
      waiting.push({ entry, resolve, reject });
      if (underway < lanes) void flush();
    });
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** What one entry breaks must not fail its neighbours: a group that fails is written one by one. */
async function writeGroup<Entry, Answer>(
  options: Pick<GroupCommitOptions<Entry, Answer>, 'write' | 'ping'>,
  group: readonly Waiting<Entry, Answer>[],
): Promise<void> {
  try {
    const answers = await options.write(group.map((one) => one.entry));
    group.forEach((one, index) => one.resolve(answers[index] as Answer));
  } catch (error) {
    if (group.length === 1 || !(await isOfOneEntry(error, options.ping)))
      for (const one of group) one.reject(error);
    else for (const one of group) await writeGroup(options, [one]);
  }
}

/** Not where the database is away or has no room: there the others would fail alike, each after its own wait. */
async function isOfOneEntry(error: unknown, ping?: () => Promise<void>): Promise<boolean> {
  const state = sqlState(error);
  if (state !== undefined) return !/^(08|53|57|58)/.test(state);
  if (ping === undefined) return false;
  try {
    await ping();
    return true;
  } catch {
    return false;
  }
}
