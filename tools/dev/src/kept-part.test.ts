import type { ProcessExit, RunningProcess } from '@weft/embedded';
import { describe, expect, it } from 'vitest';
import { keepRunning, pauseAfter, type Crash } from './kept-part.js';

describe('a part that is kept running', () => {
  it('is started again after 100 ms, then less and less eagerly', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => pauseAfter(failures))).toEqual([
      100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
  });

  it('tells of crashes and of the return, and stops for good', async () => {
    const processes: { end: (exit: ProcessExit) => void }[] = [];
    const starts: boolean[] = [];
    const start = (first: boolean): Promise<RunningProcess> => {
      starts.push(first);
      let end: (exit: ProcessExit) => void = () => undefined;
      const exited = new Promise<ProcessExit>((resolve) => (end = resolve));
      processes.push({ end });
      const stop = (): Promise<ProcessExit> => {
        end({ code: 0, signal: null });
        return exited;
      };
      return Promise.resolve({ pid: 1_000 + processes.length, exited, stop });
    };
    const crashes: Crash[] = [];
    const returned: boolean[] = [];
    const part = keepRunning(
      { name: 'p', start, isReady: () => Promise.resolve(true) },
      {
        changed: () => undefined,
        crashed: (crash) => crashes.push(crash),
        ready: (_, again) => returned.push(again),
      },
    );
    await part.firstReady;
    expect(part.pid()).toBe(1_001);
    processes[0]?.end({ code: null, signal: 'SIGKILL' });
    await expect.poll(() => part.pid()).toBe(1_002);
    await expect.poll(() => returned).toEqual([false, true]);
    expect(crashes).toEqual([
      { part: 'p', reason: 'was ended by SIGKILL', failures: 1, pauseMs: 100, wasReady: true },
    ]);
    await part.stop(100);
    expect(part.pid()).toBeUndefined();
    expect(starts).toEqual([true, false]);
  });

  it('counts a start that fails as a crash, and can be stopped in a pause', async () => {
    const crashes: Crash[] = [];
    const part = keepRunning(
      {
        name: 'p',
        start: () => Promise.reject(new Error('no such file')),
        isReady: () => Promise.resolve(true),
      },
      { changed: () => undefined, crashed: (crash) => crashes.push(crash), ready: () => undefined },
    );
    await expect.poll(() => crashes.length).toBeGreaterThanOrEqual(2);
    await part.stop(100);
    const { length } = crashes;
    expect(crashes.map((one) => one.reason)).toEqual(Array<string>(length).fill('no such file'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(crashes).toHaveLength(length);
  });
});
