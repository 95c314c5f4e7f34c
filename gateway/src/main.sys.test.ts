import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './testing/eventually.js';
import { ask } from './testing/http-client.js';
import { startTestGraph, type TestGraph } from './testing/test-graph.js';
import { WsClient } from './testing/ws-client.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let graph: TestGraph;
let folder: string;

beforeAll(async () => {
  graph = await startTestGraph({ auth: 'off' });
  folder = await mkdtemp(join(tmpdir(), 'weft-gateway-'));
  await writeFile(join(folder, 'supergraph.graphql'), graph.supergraphSdl);
});
afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function start(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (output += String(chunk)));
  return { child, output: () => output };
}

test('a wrong setting ends the process with 1 and its name', async () => {
  const { child, output } = start({ GATEWAY_AUTH: 'on', SUPERGRAPH_FILE: '/nowhere', PORT: 'x' });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output()).toContain('PORT');
});

test('it serves until SIGTERM, lets go of its clients and ends with 0', async () => {
  const { child, output } = start({
    GATEWAY_AUTH: 'off',
    SUPERGRAPH_FILE: join(folder, 'supergraph.graphql'),
    PORT: '0',
  });
  const url = await eventually(() => {
    const found = /"url":"([^"]+)"/.exec(output())?.[1];
    if (found === undefined) throw new Error(`not up: ${output()}`);
    return found;
  }, 15_000);
  expect((await ask(url, { query: '{ job(id: "1") { name place } }' })).data).toEqual({
    job: { name: 'job 1', place: 'place of 1' },
  });
  const client = await WsClient.open(url);
  const { log } = client.subscribe('subscription { ticks(id: "main") { number } }');
  await eventually(() => expect(log.next).toHaveLength(1));
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(client.closed?.code).toBe(1001);
  expect(output()).toContain('gateway has stopped');
});
