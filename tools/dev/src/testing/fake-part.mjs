// Stands for a service in tests of the supervisor: serves /readyz, or misbehaves as its environment says.
import { createServer } from 'node:http';

if (process.env.FAKE_CRASH_AT_START === '1') {
  console.error('fake part: refuses to start');
  process.exit(3);
}
process.on('SIGTERM', () => {
  if (process.env.FAKE_DEAF !== '1') process.exit(0);
});
const server = createServer((request, response) => {
  if (request.url === '/env') response.end(JSON.stringify(process.env));
  else response.end('ok');
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
