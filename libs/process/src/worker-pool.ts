// Work that other people's input can make endless, away from the event loop: a few threads, each ended when it takes too
// long or too much memory. Lanes take turns: a lane has one thread at a time, and who took most of late comes last.
import { Worker } from 'node:worker_threads';

export interface WorkerPoolOptions {
  /** Says `ready` once it is loaded, then answers each message by one. */
  readonly script: URL;
  readonly threads?: number;
  /** How long one question may take before its thread is ended. */
  readonly limitMs?: number;
  readonly memoryMb?: number;
  /** How long a question may wait for its turn. */
  readonly waitMs?: number;
}

/** SPENT: it took more time or memory than it may. BUSY: its turn did not come; asked again later, it may. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: 'SPENT' | 'BUSY' };

export interface WorkerPool {
  ask<T>(lane: string, question: unknown): Promise<Answer<T>>;
  close(): Promise<void>;
}

const MOST_WAITING_OF_LANE = 1_000;
const MOST_WAITING = 4_000;
/** What a lane may take, in a minute, by questions that are dear. */
const DEAR_MS = 100;
const DEAR_MS_A_MINUTE = 5_000;
const MINUTE_MS = 60_000;

interface Task {
  readonly lane: string;
  readonly question: unknown;
  readonly settle: (answer: Answer<never>) => void;
  readonly fail: (error: Error) => void;
  readonly wait: NodeJS.Timeout;
}

interface Seat {
  readonly worker: Worker;
  ready: boolean;
  task: Task | undefined;
  since: number;
  limit: NodeJS.Timeout | undefined;
}

export function createWorkerPool({
  script,
  threads = 2,
  limitMs = 5_000,
  memoryMb = 256,
  waitMs = 5_000,
}: WorkerPoolOptions): WorkerPool {
  /** Those that can be given something. */
  const seats = new Set<Seat>();
  /** Every thread that has not ended. */
  const workers = new Set<Worker>();
  const lanes = new Map<string, Task[]>();
  const spent = new Map<string, number>();
  let waiting = 0;
  let minute = performance.now();
  let closed = false;

  const spentBy = (lane: string): number => {
    if (performance.now() - minute > MINUTE_MS) {
      spent.clear();
      minute = performance.now();
    }
    return spent.get(lane) ?? 0;
  };

  /** Takes the task from its lane; a lane that still waits goes behind the others. */
  const take = (task: Task): void => {
    const rest = (lanes.get(task.lane) ?? []).filter((one) => one !== task);
    lanes.delete(task.lane);
    if (rest.length > 0) lanes.set(task.lane, rest);
    waiting -= 1;
    clearTimeout(task.wait);
  };

  const next = (): Task | undefined => {
    const busy = new Set([...seats].map(({ task }) => task?.lane));
    let best: Task | undefined;
    for (const [lane, [first]] of lanes)
      if (!busy.has(lane) && (best === undefined || spentBy(lane) < spentBy(best.lane))) best = first;
    return best;
  };

  const begin = (seat: Seat): void => {
    if (seat.task === undefined || !seat.ready) return;
    seat.since = performance.now();
    seat.limit = setTimeout(() => {
      seats.delete(seat);
      end(seat)?.settle({ ok: false, reason: 'SPENT' });
      void seat.worker.terminate();
      pump();
    }, limitMs);
    seat.worker.postMessage(seat.task.question);
  };

  /** The seat's task is over, one way or another. */
  const end = (seat: Seat): Task | undefined => {
    const { task } = seat;
    clearTimeout(seat.limit);
    seat.task = undefined;
    seat.worker.unref();
    const took = performance.now() - seat.since;
    if (task !== undefined && seat.ready && took > DEAR_MS) spent.set(task.lane, spentBy(task.lane) + took);
    return task;
  };

  const open = (): Seat => {
    const worker = new Worker(script, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    const seat: Seat = { worker, ready: false, task: undefined, since: 0, limit: undefined };
    seats.add(seat);
    workers.add(worker);
    worker.on('message', (value: unknown) => {
      if (seat.ready) end(seat)?.settle({ ok: true, value: value as never });
      else {
        seat.ready = true;
        begin(seat);
      }
      pump();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      seats.delete(seat);
      const task = end(seat);
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') task?.settle({ ok: false, reason: 'SPENT' });
      else task?.fail(error);
    });
    worker.on('exit', () => {
      workers.delete(worker);
      seats.delete(seat);
      end(seat)?.settle({ ok: false, reason: closed ? 'BUSY' : 'SPENT' });
      pump();
    });
    return seat;
  };

  function pump(): void {
    while (!closed) {
      const free = [...seats].find(({ task }) => task === undefined);
      if (free === undefined && seats.size >= threads) return;
      const task = next();
      if (task === undefined) return;
      const seat = free ?? open();
      take(task);
      seat.task = task;
      // Who waits for an answer holds the process; a thread without work does not.
      seat.worker.ref();
      begin(seat);
    }
  }

  return {
    ask: <T>(lane: string, question: unknown) =>
      new Promise<Answer<T>>((settle, fail) => {
        const queue = lanes.get(lane) ?? [];
        const full = queue.length >= MOST_WAITING_OF_LANE || waiting >= MOST_WAITING;
        if (closed || full || spentBy(lane) >= DEAR_MS_A_MINUTE) return settle({ ok: false, reason: 'BUSY' });
        const wait = setTimeout(() => {
          take(task);
          settle({ ok: false, reason: 'BUSY' });
        }, waitMs);
        const task: Task = { lane, question, settle, fail, wait };
        queue.push(task);
        lanes.set(lane, queue);
        waiting += 1;
        pump();
      }),
    async close() {
      closed = true;
      for (const task of [...lanes.values()].flat()) {
        take(task);
        task.settle({ ok: false, reason: 'BUSY' });
      }
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}
