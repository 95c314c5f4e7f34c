import { createLogger } from '@weft/telemetry';
import { eventually } from '@weft/testkit';
import { expect, it } from 'vitest';
import type { TakenWebhook, TakeRequest } from './application/webhook-ports.js';
import { startCourier, type CourierOptions } from './webhook-courier.js';

const logger = createLogger('test', 'silent');
const message = (id: string, host: string): TakenWebhook => ({
  id,
  jobId: id,
  organizationId: 'o',
  url: '',
  host,
  sealedSecret: '',
  body: '{}',
  number: 1,
  tried: 1,
  now: new Date(),
});

/** A queue in memory that gives what the request allows. */
function waiting(messages: TakenWebhook[]) {
  const requests: TakeRequest[] = [];
  return {
    requests,
    take: (request: TakeRequest) => {
      requests.push({ ...request, busyHosts: new Map(request.busyHosts) });
      const taken: TakenWebhook[] = [];
      const counts = new Map(request.busyHosts);
      for (const one of [...messages]) {
        const count = counts.get(one.host) ?? 0;
        if (taken.length >= request.most || count >= request.perHost) continue;
        counts.set(one.host, count + 1);
        taken.push(one);
        messages.splice(messages.indexOf(one), 1);
      }
      return Promise.resolve({ taken, next: undefined });
    },
  };
}

const start = (options: Pick<CourierOptions, 'queue' | 'deliver'> & Partial<CourierOptions>) =>
  startCourier({ concurrency: 4, perHost: 2, everyMs: 60_000, leaseMs: 30_000, logger, ...options });

it('keeps as many under way as it may, and goes on as soon as one has ended', async () => {
  const queue = waiting(Array.from({ length: 20 }, (_, n) => message(`${n}`, `h${n % 3}`)));
  const under: { end: () => void; host: string }[] = [];
  let delivered = 0;
  const courier = start({
    queue,
    deliver: ({ host }) =>
      new Promise<void>((resolve) => under.push({ host, end: resolve })).then(() => void delivered++),
  });
  while (delivered < 20) {
    const one = await eventually('a message under way', () => under.shift());
    expect(under.length).toBeLessThan(4);
    expect(under.filter(({ host }) => host === one.host).length).toBeLessThan(2);
    one.end();
    await eventually('its end', () => queue.requests.length > delivered || delivered === 20);
  }
  await courier.stop();
});

it('survives a queue and a delivery that fail', async () => {
  let calls = 0;
  const rest = waiting([message('1', 'a'), message('2', 'b')]);
  const seen: string[] = [];
  const courier = start({
    everyMs: 5,
    queue: { take: (request) => (calls++ === 0 ? Promise.reject(new Error('down')) : rest.take(request)) },
    deliver: ({ id }) => {
      seen.push(id);
      return Promise.reject(new Error('no'));
    },
  });
  await eventually('both tried', () => seen.length === 2);
  await eventually('both let go', () => rest.requests.at(-1)?.busyHosts.size === 0);
  await courier.stop();
});

it('stops: takes no more, and waits for what is under way', async () => {
  let end = (): void => undefined;
  const queue = waiting([message('1', 'a')]);
  const courier = start({ queue, deliver: () => new Promise<void>((resolve) => (end = resolve)) });
  await eventually('taken', () => queue.requests.length > 0);
  let stopped = false;
  const stopping = courier.stop().then(() => (stopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  end();
  await stopping;
});
