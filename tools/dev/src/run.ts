// From the command line to the end: starts, tells, waits for a signal, stops.
import { AppError } from '@weft/errors';
import { HELP, readCommandLine } from './command-line.js';
import { showFirstJob } from './first-job.js';
import { inheritedOf } from './node-child.js';
import { partsOf, type NodePart } from './parts.js';
import { createProgress, type Screen } from './progress.js';
import { settings } from './settings.js';
import { createWeft, type Started } from './weft.js';
import type { World } from './world.js';

export interface RunOptions {
  readonly repo: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly screen: Screen;
  /** Called for every request to stop: SIGINT, SIGTERM, a closed terminal. */
  onStopRequest(callback: () => void): void;
  /** Other parts than Weft's, for tests. */
  readonly parts?: (world: World) => NodePart[];
}

/** Runs until it is asked to stop; the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const { screen } = options;
  try {
    const commandLine = readCommandLine(options.args);
    if (commandLine.help) {
      screen.write(HELP);
      return 0;
    }
    return await startAndWait(options, commandLine);
  } catch (error) {
    screen.write(
      `\n${error instanceof AppError ? error.message : String((error as Error).stack ?? error)}\n`,
    );
    return 1;
  }
}

async function startAndWait(
  options: RunOptions,
  commandLine: { check: boolean; sample: boolean },
): Promise<number> {
  const progress = createProgress(options.screen);
  const weft = createWeft({
    repo: options.repo,
    settings: settings.read(options.env),
    inherited: inheritedOf(options.env),
    progress,
    parts: options.parts ?? partsOf,
  });
  let hurrying: Promise<void> | undefined;
  let stopRequested = false;
  const stopSignal = new AbortController();
  const stopRequest = new Promise<'stop'>((resolve) => {
    options.onStopRequest(() => {
      if (stopRequested) hurrying ??= weft.stop();
      stopRequested = true;
      stopSignal.abort();
      resolve('stop');
    });
  });

  progress.say('Weft starts');
  const begun = performance.now();
  try {
    const started = await Promise.race([weft.start(), stopRequest]);
    if (started !== 'stop') {
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
      if (commandLine.check) {
        progress.say(`Weft is ready after ${seconds} s`);
      } else {
        progress.say(`Weft is ready after ${seconds} s; Ctrl-C stops it\n`);
        if (commandLine.sample) await showFirstJob(started.world, stopSignal.signal);
        if (!stopRequested) progress.say(`${describe(started)}\n`);
        await stopRequest;
      }
    }
  } finally {
    progress.settle();
    await weft.stop();
    await hurrying;
  }
  progress.say('Weft has stopped');
  return 0;
}

const describe = ({ url, tokenFile, world }: Started): string =>
  [
    `  GraphQL, explorer   ${url}/graphql`,
    `  Token               ${world.secrets.firstUserToken}`,
    `                      (Authorization: Bearer <token>; it is kept in ${tokenFile})`,
    `  Data and logs       ${world.dataDir}`,
  ].join('\n');
