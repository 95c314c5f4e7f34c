import { createContext, Script } from 'node:vm';

const CALL = new Script('work()');
const room: { work?: () => unknown } = createContext({});

/** Ends synchronous work that takes too long, wherever it is: only V8 itself can interrupt it. */
export function inTime<T>(ms: number, work: () => T): T {
  room.work = work;
  try {
    return CALL.runInContext(room, { timeout: ms }) as T;
  } finally {
    delete room.work;
  }
}
