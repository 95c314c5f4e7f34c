// Services that misbehave: each ends FAILED with a clear reason, and the platform is unharmed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { startWeft, type Weft } from './testing/weft.js';
import { finish, logOf, publishService, submitJob } from './testing/work.js';

let weft: Weft;
let client: GraphClient;

beforeAll(async () => {
  weft = await startWeft();
  client = graphClient(weft.url, weft.token);
}, 90_000);
afterAll(closeClients);

const runMisbehaving = async (file: string, input: Readonly<Record<string, unknown>> = {}) => {
  const serviceVersionId = await publishService(client, `misbehaving/${file}`);
  const id = await submitJob(client, { serviceVersionId, ...input });
  return { id, job: await finish(client, id) };
};

describe('a service that', () => {
  it.each([
    ['throws.mjs', 'SERVICE_EXCEPTION', {}],
    ['throws.py', 'SERVICE_EXCEPTION', {}],
    ['returns-nonsense.mjs', 'RESULT_INVALID', {}],
    ['runs-too-long.mjs', 'TIMEOUT', { timeoutSeconds: 1 }],
    ['runs-too-long.py', 'TIMEOUT', { timeoutSeconds: 1 }],
    ['floods-log.mjs', 'LOG_LIMIT_EXCEEDED', {}],
    ['eats-memory.mjs', 'OUT_OF_MEMORY', {}],
    ['eats-memory.py', 'OUT_OF_MEMORY', {}],
    ['forks.mjs', 'PROCESS_LIMIT_EXCEEDED', {}],
    ['forks.py', 'PROCESS_LIMIT_EXCEEDED', {}],
    ['fills-disk.mjs', 'DISK_LIMIT_EXCEEDED', {}],
    ['fills-disk.py', 'DISK_LIMIT_EXCEEDED', {}],
  ])(
    '%s ends FAILED with %s',
    async (file, code, input) => {
      const { job } = await runMisbehaving(file, input);
      expect(job.state).toBe('FAILED');
      expect(job.error?.code).toBe(code);
      expect(job.error?.message.length).toBeGreaterThan(10);
    },
    60_000,
  );

  it.each(['throws.mjs', 'throws.py'])('%s leaves its traceback in the log', async (file) => {
    const { id } = await runMisbehaving(file);
    expect((await logOf(client, id)).join('\n')).toMatch(/throws\.(mjs|py)|main\.|line \d+|at .*run/);
  });

  it("pries finds none of the platform's files", async () => {
    const { run, data } = weft;
    const paths = [
      data,
      `${data}/token`,
      `${data}/secrets.json`,
      process.cwd(),
      '/etc/shadow',
      '/root',
      '/home',
      `/proc/${run().supervisor.pid}/environ`,
      run().postgres.cluster ?? data,
    ];
    const { job } = await runMisbehaving('pries.mjs', { params: { paths } });
    expect(job).toMatchObject({ state: 'FAILED', result: null, error: { code: 'SERVICE_EXCEPTION' } });
    expect(job.error?.message).toContain('nothing could be read');
  }, 30_000);

  it('calls out reaches nothing: neither outside, nor loopback, nor the platform', async () => {
    const { nats, postgres, subgraphs, gateway } = weft.run();
    const parts = [nats, postgres, gateway, ...Object.values(subgraphs)];
    const places = [
      { host: '1.1.1.1', port: 443 },
      ...parts.flatMap(({ port }) => [
        { host: '127.0.0.1', port },
        { host: '::1', port },
      ]),
    ];
    const { job } = await runMisbehaving('calls-out.mjs', { params: { places } });
    expect(job).toMatchObject({ state: 'FAILED', result: null, error: { code: 'SERVICE_EXCEPTION' } });
    expect(job.error?.message).toContain('no connection could be opened');
  }, 60_000);

  it('leaves the platform as it was', async () => {
    expect((await fetch(`${weft.url}/readyz`)).status).toBe(200);
    const serviceVersionId = await publishService(client, 'fine.mjs', 'export const run = () => 42;');
    const job = await finish(client, await submitJob(client, { serviceVersionId }));
    expect(job).toMatchObject({ state: 'SUCCEEDED', result: 42 });
  }, 30_000);
});
