import { AppError } from '@weft/errors';
import { freePort, isFree } from '@weft/embedded';

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  /** Where this machine reaches it. */
  readonly probeHost: string;
}

const LOOPBACK = ['127.0.0.1', '::1'];

/** Checks that the gateway will get its port, so that a taken one is a clear refusal and not a part that keeps crashing. */
export async function gatewayAddress(
  host: string,
  port: number,
  lastPort: number | undefined,
): Promise<GatewayAddress> {
  const addresses = host === 'localhost' ? LOOPBACK : [host];
  const chosen = port === 0 ? await freePort(lastPort) : port;
  for (const address of addresses) {
    const free = await isFree(chosen, address);
    if (free === undefined && address === host) {
      throw new AppError(
        'CONFIG_INVALID',
        `HOST ${host} is not an address of this machine. Leave it out for localhost, or take 0.0.0.0 for every address.`,
      );
    }
    if (free === false) {
      throw new AppError(
        'CONFIG_INVALID',
        `Port ${chosen} is taken by another process${chosen < 1_024 ? ', or only root may have it' : ''}. Choose another: PORT=4001 npm start (PORT=0 takes a free one).`,
        { port: chosen },
      );
    }
  }
  // The gateway listens on one address; every client that knows `localhost` tries this one too.
  return { host: host === 'localhost' ? '127.0.0.1' : host, port: chosen, probeHost: probeHostOf(host) };
}

function probeHostOf(host: string): string {
  if (['localhost', '0.0.0.0', '::'].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
