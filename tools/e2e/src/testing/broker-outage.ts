import { createServer, type Server } from 'node:net';
import { eventually } from '@weft/testkit';

/** Kills the broker and sits on its port, so that the supervisor cannot bring it back. */
export async function takePort(port: number, pid: number | null): Promise<Server> {
  if (pid === null) throw new Error('the broker is not running');
  const squatter = createServer((socket) => socket.destroy());
  process.kill(pid, 'SIGKILL');
  await eventually(
    'the port',
    () =>
      new Promise<boolean>((resolve) => {
        squatter.once('error', () => resolve(false));
        squatter.listen(port, '127.0.0.1', () => resolve(true));
      }),
    5_000,
  );
  return squatter;
}
