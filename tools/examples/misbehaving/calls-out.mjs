import { connect } from 'node:net';

const PLACES = [
  { host: '1.1.1.1', port: 443 },
  { host: '127.0.0.1', port: 4222 },
  { host: '::1', port: 4000 },
  { host: '169.254.169.254', port: 80 },
];

const tryToConnect = (place) =>
  new Promise((resolve) => {
    const socket = connect({ ...place, timeout: 2_000 });
    const done = (error) => {
      socket.destroy();
      resolve(error);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done('timed out'));
    socket.once('error', (error) => done(error.code));
  });

/** Tries to open connections: `params.places`. Succeeds with those that opened, fails when that is none. */
export async function run(data, params) {
  const opened = [];
  const refused = [];
  for (const place of params?.places ?? PLACES) {
    const name = place.path ?? `${place.host}:${place.port}`;
    const error = await tryToConnect(place);
    if (error === null) opened.push(name);
    else refused.push(`${name}: ${error}`);
  }
  console.log(refused.join('\n'));
  if (opened.length === 0) throw new Error(`no connection could be opened: ${refused.join(', ')}`);
  return { opened };
}
