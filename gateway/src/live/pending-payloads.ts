import { POSITION_KEY, type Resumption } from '../federation/live-plan.js';
import type { PrimaryPayload, SubgraphError } from '../federation/supergraph-executor.js';

export interface Pending {
  readonly payload: PrimaryPayload;
  readonly bytes: number;
  /** Payloads of the subgraph that went into this one. */
  readonly merged: number;
}

export interface PendingLimits {
  /** Entries of a coalesced list, or payloads of a field that cannot be coalesced. */
  readonly entries: number;
  readonly bytes: number;
}

type PayloadObject = Record<string, unknown>;

/**
 * The payloads that a client has not taken yet, bounded. Those of a resumable field are coalesced: lists are
 * concatenated, of everything else the newest is kept. The others keep their order and their number.
 */
export class PendingPayloads {
  readonly #resumption: Resumption | undefined;
  readonly #limits: PendingLimits;
  #queue: Pending[] = [];

  constructor(resumption: Resumption | undefined, limits: PendingLimits) {
    this.#resumption = resumption;
    this.#limits = limits;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** False when the payload does not fit any more. One payload always fits, however large it is. */
  offer(payload: PrimaryPayload, bytes: number): boolean {
    const last = this.#queue.at(-1);
    if (last === undefined) {
      this.#queue.push({ payload, bytes, merged: 1 });
      return true;
    }
    const held = this.#queue.reduce((sum, one) => sum + one.bytes, 0);
    const entries = Math.max(this.#queue.length, last.merged, longestList(last.payload, this.#resumption));
    if (held + bytes > this.#limits.bytes || entries >= this.#limits.entries) return false;
    const merged =
      this.#resumption === undefined ? undefined : merge(last.payload, payload, this.#resumption);
    if (merged === undefined) this.#queue.push({ payload, bytes, merged: 1 });
    else
      this.#queue[this.#queue.length - 1] = {
        payload: merged,
        bytes: last.bytes + bytes,
        merged: last.merged + 1,
      };
    return true;
  }

  take(): Pending | undefined {
    return this.#queue.shift();
  }

  clear(): void {
    this.#queue = [];
  }
}

/** The position that a payload carries, as the subgraph gave it. */
export function positionOf(payload: PrimaryPayload, resumption: Resumption): unknown {
  return rootOf(payload, resumption)?.[POSITION_KEY] ?? undefined;
}

/** Whether a payload tells nothing that came after `position`: what a subgraph sends first to one who is up to date. */
export function isOldNews(payload: PrimaryPayload, resumption: Resumption, position: unknown): boolean {
  return (
    payload.errors === undefined &&
    positionOf(payload, resumption) === position &&
    longestList(payload, resumption) === 0
  );
}

function merge(
  older: PrimaryPayload,
  newer: PrimaryPayload,
  resumption: Resumption,
): PrimaryPayload | undefined {
  const [before, after] = [rootOf(older, resumption), rootOf(newer, resumption)];
  if (before === undefined || after === undefined) return undefined;
  if (!resumption.listKeys.every((key) => Array.isArray(before[key]) && Array.isArray(after[key])))
    return undefined;
  const errors = mergeErrors(older, newer, before, resumption);
  const lists: PayloadObject = {};
  for (const key of resumption.listKeys) {
    // In place: a payload belongs to its one subscriber, and copying would make many small ones quadratic.
    const list = before[key] as unknown[];
    for (const entry of after[key] as unknown[]) list.push(entry);
    lists[key] = list;
  }
  return {
    data: { ...newer.data, [resumption.rootKey]: { ...after, ...lists } },
    ...(errors.length === 0 ? {} : { errors }),
  };
}

// Errors inside older list entries stay true; the newer ones move behind them. Other older errors are outdated.
function mergeErrors(
  older: PrimaryPayload,
  newer: PrimaryPayload,
  before: PayloadObject,
  resumption: Resumption,
): SubgraphError[] {
  const listKey = (error: SubgraphError): string | undefined => {
    const [root, key, index] = error.path ?? [];
    return root === resumption.rootKey &&
      typeof key === 'string' &&
      resumption.listKeys.includes(key) &&
      typeof index === 'number'
      ? key
      : undefined;
  };
  const kept = (older.errors ?? []).filter((error) => listKey(error) !== undefined);
  const moved = (newer.errors ?? []).map((error) => {
    const key = listKey(error);
    if (key === undefined || error.path === undefined) return error;
    const [root, , index, ...rest] = error.path;
    return {
      ...error,
      path: [root as string, key, (index as number) + (before[key] as unknown[]).length, ...rest],
    };
  });
  return [...kept, ...moved];
}

function rootOf(payload: PrimaryPayload, { rootKey }: Resumption): PayloadObject | undefined {
  const root = payload.data?.[rootKey];
  return typeof root === 'object' && root !== null && !Array.isArray(root)
    ? (root as PayloadObject)
    : undefined;
}

function longestList(payload: PrimaryPayload, resumption: Resumption | undefined): number {
  if (resumption === undefined) return 0;
  const root = rootOf(payload, resumption);
  return Math.max(
    0,
    ...resumption.listKeys.map((key) => (Array.isArray(root?.[key]) ? root[key].length : 0)),
  );
}
