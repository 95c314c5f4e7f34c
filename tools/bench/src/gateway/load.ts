// A closed loop of POSTs over bare sockets: cheap enough to saturate a gateway from one core.
import { connect } from 'node:net';

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** The body of the nth request. */
  readonly body: (n: number) => string;
}

/** Answered requests; throws on the first that is not 200. */
export async function runLoad({ port, connections, durationMs, body }: Load): Promise<number> {
  const endAt = performance.now() + durationMs;
  let answered = 0;
  let next = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      const send = (): void => {
        const text = body((next += 1));
        socket.write(
          `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
        );
      };
      let text = '';
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        const head = text.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: ?(\d+)/i.exec(text.slice(0, head))?.[1] ?? Number.NaN);
        if (text.length < head + 4 + length) return;
        if (!text.startsWith('HTTP/1.1 200')) {
          socket.destroy();
          reject(new Error(text.slice(0, 2_000)));
          return;
        }
        text = text.slice(head + 4 + length);
        answered += 1;
        if (performance.now() < endAt) send();
        else socket.end(() => resolve());
      });
    });
  await Promise.all(Array.from({ length: connections }, one));
  return answered;
}
