import type { ClaimedAttempt, InputValue } from '@weft/contracts';
import { ALL_RUNTIMES, type ItemRun, type Runner } from './runner.js';
import type { RunListener } from './sandbox/run-spec.js';

const NOTHING_USED = { wallMs: 0, cpuMs: 0, peakMemoryBytes: 0 };
const MAX_WAIT_MS = 60_000;
const MAX_LOG_LINES = 100_000;
const PADDING = '.'.repeat(90);

/**
 * Runs nothing and succeeds: what is measured is the platform around it. Params may ask it to log `logLines` lines
 * and to end only after `waitMs`; the result says when it ended, by the clock of this machine.
 */
export const noopRunner: Runner = {
  capability: () => Promise.resolve({ usable: true, runtimes: ALL_RUNTIMES, problem: null, versions: {} }),
  prepare: (attempt) =>
    Promise.resolve({
      environment: null,
      start: (item, _timeMs, listener) =>
        Promise.resolve(startNothing(wishesOf(attempt, item.params), listener)),
      dispose: () => undefined,
    }),
};

interface Wishes {
  readonly waitMs: number;
  readonly logLines: number;
}

function startNothing({ waitMs, logLines }: Wishes, listener: RunListener): ItemRun {
  for (let line = 1; line <= logLines; line += 1) {
    listener.log({ stream: 'stdout', text: `line ${line} ${PADDING}`, at: new Date() });
  }
  let end = (): void => undefined;
  const ended =
    waitMs === 0
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
  return {
    outcome: ended.then(() => ({
      end: {
        ok: true as const,
        resultJson: JSON.stringify({ endedAt: performance.timeOrigin + performance.now() }),
      },
      exitCode: 0,
      usage: NOTHING_USED,
    })),
    cancel: () => end(),
    kill: () => end(),
  };
}

function wishesOf(attempt: ClaimedAttempt, ofItem: InputValue): Wishes {
  const params = { ...readObject(attempt.params), ...readObject(ofItem) };
  const upTo = (most: number, wish: unknown): number =>
    typeof wish === 'number' && wish > 0 ? Math.min(wish, most) : 0;
  return { waitMs: upTo(MAX_WAIT_MS, params['waitMs']), logLines: upTo(MAX_LOG_LINES, params['logLines']) };
}

function readObject(value: InputValue): Readonly<Record<string, unknown>> {
  const parsed: unknown = value.by === 'value' ? JSON.parse(value.json) : undefined;
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}
