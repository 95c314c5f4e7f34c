// A client in a thread of its own: in the thread of the service what it does would be counted as the service's.
import { Agent, request } from 'node:http';
import { parentPort } from 'node:worker_threads';

export interface Asked {
  readonly id: number;
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

export interface Answered {
  readonly id: number;
  readonly text: string;
  /** From sending to the last byte of the answer. */
  readonly ms: number;
}

const agent = new Agent({ keepAlive: true });

parentPort?.on('message', ({ id, url, authorization, body }: Asked) => {
  const from = performance.now();
  const sent = request(
    url,
    { agent, method: 'POST', headers: { 'content-type': 'application/json', authorization } },
    (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const ms = performance.now() - from;
        parentPort?.postMessage({ id, text: Buffer.concat(parts).toString('utf8'), ms } satisfies Answered);
      });
    },
  );
  sent.end(body);
});
