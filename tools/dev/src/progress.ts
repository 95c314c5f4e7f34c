// What the person at the terminal sees. On a terminal the last line tells what is still awaited; in a pipe every line stands.
import type { Crash } from './kept-part.js';

export interface Progress {
  say(line: string): void;
  /** These are awaited from now on. */
  await(names: readonly string[]): void;
  ready(name: string): void;
  crashed(crash: Crash, logFile: string): void;
  /** Ends the waiting line. */
  settle(): void;
}

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const TICK_MS = 120;
/** After this long it says what it still waits for, also in a pipe. */
const LONG_WAIT_MS = 15_000;

export function createProgress(screen: Screen, now: () => number = () => performance.now()): Progress {
  const startedAt = now();
  const tty = screen.isTTY === true;
  const awaited = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let spinner = 0;

  const seconds = (): string => `${((now() - startedAt) / 1_000).toFixed(1)} s`;
  const paint = (style: string, text: string): string => (tty ? `\u001b[${style}m${text}\u001b[0m` : text);
  const clear = (): void => void (tty && screen.write('\r\u001b[K'));
  const draw = (): void => {
    if (!tty || awaited.size === 0) return;
    spinner = (spinner + 1) % 10;
    screen.write(
      `\r\u001b[K  ${paint('36', [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'][spinner] ?? '')} ${paint('2', `${[...awaited].join(', ')} … ${seconds()}`)}`,
    );
  };
  const line = (text: string): void => {
    clear();
    screen.write(`${text}\n`);
    draw();
  };
  const stopTicking = (): void => {
    clearInterval(timer);
    clearTimeout(patience);
    timer = undefined;
    patience = undefined;
  };

  return {
    say: line,
    await(names) {
      for (const name of names) awaited.add(name);
      if (tty) timer ??= setInterval(draw, TICK_MS).unref();
      patience ??= setTimeout(
        () => line(`  still waiting for ${[...awaited].join(', ')} (see logs/ in the data folder)`),
        LONG_WAIT_MS,
      ).unref();
      draw();
    },
    ready(name) {
      if (!awaited.delete(name)) return;
      line(`  ${paint('32', '✓')} ${name.padEnd(12)} ${paint('2', seconds())}`);
      if (awaited.size === 0) stopTicking();
    },
    crashed(crash, logFile) {
      line(
        `  ${paint('33', '!')} ${crash.part} ${crash.reason}; starting again in ${crash.pauseMs} ms (${logFile})`,
      );
    },
    settle() {
      clear();
      awaited.clear();
      stopTicking();
    },
  };
}
