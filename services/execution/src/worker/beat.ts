import type { BeatRequest } from '@weft/contracts';
import type { Logger } from '@weft/telemetry';
import type { PlatformClient } from './platform-client.js';

const EVERY_MS = 4_000;

/** Tells execution regularly that this worker serves a target, and how well. */
export function startBeating(
  client: PlatformClient,
  targetId: string,
  logger: Logger,
  state: () => Promise<BeatRequest>,
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const beat = async (): Promise<void> => {
    try {
      await client.beat(targetId, await state());
    } catch (error) {
      logger.debug({ err: error, targetId }, 'beat not heard');
    }
    if (!stopped) timer = setTimeout(() => void beat(), EVERY_MS);
  };
  void beat();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
