import { Endings, type Contestant, type Place } from '../contestant.js';
import { startEngine } from './service.js';
import { connectWorker, inProcess, overNats, startWorker } from './worker.js';

/** As many jobs again may be under way to their end: a claim tells how much room there is when it is made. */
const slotsFor = ({ concurrency }: Place): number => Math.min(64, 2 * concurrency);

/** The use cases in process: neither HTTP nor the NATS hop of the worker; the relay publishes to NATS as ever. */
export async function startOurs(place: Place): Promise<Contestant> {
  const engine = await startEngine(place);
  const endings = new Endings();
  const worker = startWorker(inProcess(engine.service.context.engine), {
    capacity: slotsFor(place),
    ended: (id) => endings.ended(id),
  });
  return {
    cycle: async () => endings.of(await engine.submit()),
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** The same with the worker behind NATS, as it is in a running platform. */
export async function startOursOverNats(place: Place): Promise<Contestant> {
  const engine = await startEngine(place);
  const endings = new Endings();
  const messaging = await connectWorker(place);
  const worker = startWorker(overNats(messaging), {
    capacity: slotsFor(place),
    ended: (id) => endings.ended(id),
  });
  return {
    cycle: async () => endings.of(await engine.submit()),
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await messaging.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}
