// Looks up a receiver's name. Asks the name servers itself (not the system's resolver), because that can be cancelled and
// takes none of the few threads that the process does its file work in.
import { Resolver } from 'node:dns/promises';

/** All addresses of a host; rejects when there is none. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

const TIMEOUT_MS = 3_000;

/** @param servers `address:port` of the name servers; those of the system when left out. */
export const createResolveHost =
  (servers?: readonly string[]): ResolveHost =>
  async (host, signal) => {
    signal.throwIfAborted();
    if (host === 'localhost') return ['127.0.0.1', '::1'];
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
    if (servers !== undefined) resolver.setServers([...servers]);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
      if (addresses.length === 0) throw new Error(`no address of ${host} was found`, { cause: found[0] });
      return addresses;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
