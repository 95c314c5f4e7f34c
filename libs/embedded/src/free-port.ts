import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@weft/errors';
import { claimPort, renewClaim } from './port-claims.js';

// Below the range that systems use for outgoing connections, so that a part that is restarted finds its port still free.
const FIRST = 20_000;
const LAST = 32_000;
const TRIES = 200;

const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether the port can be listened on at this address now. `undefined`: the address does not exist here. */
export async function isFree(port: number, host: string): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(NO_SUCH_ADDRESS.has(error.code ?? '') ? undefined : false);
    });
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A free port of the loopback interface: the preferred one when it is free. Ports in `taken` are never given, nor those that
 * another start of the same user was given within the last minute.
 */
export async function freePort(preferred?: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  if (preferred !== undefined && !taken.has(preferred) && (await isFree(preferred, '127.0.0.1')) === true) {
    renewClaim(preferred);
    return preferred;
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST, LAST);
    if (!taken.has(port) && (await isFree(port, '127.0.0.1')) === true && claimPort(port)) return port;
  }
  throw new AppError('INTERNAL', `No free port between ${FIRST} and ${LAST} was found.`);
}

/** Waits until exactly this port is free: a part that is restarted keeps its address. */
export async function thisPort(port: number, timeoutMs = 10_000): Promise<number> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
    if ((await isFree(port, '127.0.0.1')) === true) return port;
  }
  throw new AppError('INTERNAL', `Port ${port} is still taken by another process.`);
}
