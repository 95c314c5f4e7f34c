// Keeps webhooks moving: takes what is due, a bounded number at once in all, for each organization and for each host, so that
// a receiver that is slow or down delays nobody else's messages.
import type { Logger } from '@weft/telemetry';
import type { LaneCursor, TakenWebhook, TakeRequest, WebhookQueue } from './application/webhook-ports.js';

export interface CourierOptions {
  readonly queue: Pick<WebhookQueue, 'take'>;
  readonly deliver: (taken: TakenWebhook, stopping: AbortSignal) => Promise<unknown>;
  readonly concurrency: number;
  readonly perHost: number;
  /** How often it looks when nothing else wakes it. */
  readonly everyMs: number;
  /** How long others leave alone what was taken: longer than a delivery can last. */
  readonly leaseMs: number;
  readonly logger: Logger;
}

export interface Courier {
  /** Takes no more, and waits for what is under way; what does not end in time is sent again after its lease. */
  stop(): Promise<void>;
}

const DRAIN_MS = 4_000;

export function startCourier(options: CourierOptions): Courier {
  const { queue, deliver, concurrency, logger } = options;
  const perOrganization = Math.max(1, Math.ceil(concurrency / 2));
  const underWay = new Set<Promise<void>>();
  const busyHosts = createTally();
  const busyOrganizations = createTally();
  const aborting = new AbortController();
  let stopping = false;
  let cursor: LaneCursor | undefined;
  let rouse = (): void => undefined;

  function begin(taken: TakenWebhook): void {
    busyHosts.add(taken.host);
    busyOrganizations.add(taken.organizationId);
    const ended = deliver(taken, aborting.signal)
      .catch((error: unknown) =>
        logger.warn({ err: error, webhookId: taken.id, jobId: taken.jobId }, 'webhook left for another time'),
      )
      .then(() => {
        busyHosts.remove(taken.host);
        busyOrganizations.remove(taken.organizationId);
        underWay.delete(ended);
        rouse();
      });
    underWay.add(ended);
  }

  /** Once past all lanes, unless the hands are full before. */
  async function round(): Promise<void> {
    let laps = cursor === undefined ? 1 : 2;
    while (laps > 0 && !stopping && underWay.size < concurrency) {
      const request: TakeRequest = {
        from: cursor,
        most: concurrency - underWay.size,
        busyHosts: busyHosts.counts,
        busyOrganizations: busyOrganizations.counts,
        perHost: options.perHost,
        perOrganization,
        leaseMs: options.leaseMs,
      };
      const { taken, next } = await queue.take(request);
      taken.forEach(begin);
      cursor = next;
      if (next === undefined) laps--;
    }
  }

  async function run(): Promise<void> {
    while (!stopping) {
      const roused = new Promise<void>((resolve) => (rouse = resolve));
      await round().catch((error: unknown) =>
        logger.warn({ err: error }, 'webhooks could not be looked for; it will be tried again'),
      );
      await Promise.race([roused, pause(options.everyMs)]);
      endPause();
    }
  }

  let endPause = (): void => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const running = run();
  return {
    async stop() {
      stopping = true;
      endPause();
      rouse();
      await running;
      const late = setTimeout(() => aborting.abort(), DRAIN_MS);
      await Promise.all(underWay);
      clearTimeout(late);
    },
  };
}

function createTally() {
  const counts = new Map<string, number>();
  const change = (key: string, by: number): void => {
    const count = (counts.get(key) ?? 0) + by;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };
  return {
    counts: counts as ReadonlyMap<string, number>,
    add: (key: string) => change(key, 1),
    remove: (key: string) => change(key, -1),
  };
}
