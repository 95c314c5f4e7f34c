// Keeps workflows going: at once when a step has ended here, and now and then for what other replicas left behind.
import type { Logger } from '@weft/telemetry';

export interface WorkflowKeeper {
  /** There may be something to do. */
  wake(): void;
  stop(): Promise<void>;
}

/** @param keep does some of what there is to do; true: there may be more. */
export function startWorkflowKeeper(
  everyMs: number,
  keep: () => Promise<boolean>,
  logger: Logger,
): WorkflowKeeper {
  let stopped = false;
  let underway: Promise<void> | undefined;
  let again = false;

  const round = async (): Promise<void> => {
    do {
      again = false;
      const more = await keep().catch((error: unknown) => {
        logger.warn({ err: error }, 'workflows could not be kept; it will be tried again');
        return false;
      });
      again ||= more;
    } while (again && !stopped);
  };
  const wake = (): void => {
    if (stopped) return;
    if (underway !== undefined) again = true;
    else
      underway = round().finally(() => {
        underway = undefined;
        if (again) wake();
      });
  };
  const interval = setInterval(wake, everyMs);
  wake();

  return {
    wake,
    async stop() {
      stopped = true;
      clearInterval(interval);
      await underway;
    },
  };
}
