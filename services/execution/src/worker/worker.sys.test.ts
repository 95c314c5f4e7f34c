import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentDescribed, type AttemptReport } from '@weft/contracts';
import { findBubblewrap, readableCopy } from '@weft/embedded';
import { createLogger } from '@weft/telemetry';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createWorker, workerConfig, type Worker } from '../index.js';
import { fakeJobs, LIMITS, type Submission } from '../testing/fake-jobs.js';
import { testExecution } from '../testing/test-execution.js';
import { hear } from '../testing/worker-words.js';

const WORKER = 'worker-1';
const EXAMPLES = join(import.meta.dirname, '../../../../tools/examples');

const execution = await testExecution({
  workers: { [WORKER]: ['local-process', 'local-batch', 'local-noop'] },
});
const jobs = await fakeJobs(execution, WORKER);
const places = hear(execution, environmentDescribed);
const actor = aUser();
const folder = mkdtempSync(join(tmpdir(), 'weft-worker-test-'));
chmodSync(folder, 0o711);
const cache = join(import.meta.dirname, '../../../../.cache');
const programs = {
  bwrap: readableCopy(await findBubblewrap(cache), cache),
  node: readableCopy(process.execPath, cache),
};
let worker: Worker | undefined;

afterEach(async () => {
  jobs.deaf = false;
  await worker?.stop();
  worker = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startWorker = async (settings: Record<string, string> = {}): Promise<Worker> => {
  const config = workerConfig.read({
    WORKER_ID: WORKER,
    WORKER_STATE_DIR: join(folder, 'state'),
    SANDBOX_DIR: join(folder, 'sandbox'),
    NATS_URL: execution.broker.url,
    NATS_USER: WORKER,
    NATS_PASSWORD: execution.broker.password(WORKER),
    BWRAP_PATH: programs.bwrap,
    NODE_RUNTIME: programs.node,
    WORKER_DRAIN_GRACE: '300ms',
    WORKER_CANCEL_GRACE: '500ms',
    ...settings,
  });
  worker = await createWorker(config, { logger: createLogger(WORKER, process.env['TEST_LOG'] ?? 'silent') });
  return worker;
};

async function service(
  code: string,
): Promise<Pick<Submission, 'organizationId' | 'serviceVersionId' | 'codeArtifactId'>> {
  const codeArtifactId = await execution.upload(actor, code, { kind: 'CODE', mediaType: 'text/javascript' });
  const serviceVersionId = randomUUID();
  const organizationId = actor.personalOrganizationId as string;
  await execution.tellServiceVersion(serviceVersionId, codeArtifactId, organizationId);
  return { organizationId, serviceVersionId, codeArtifactId };
}

const items = (reports: readonly AttemptReport[]) => reports.flatMap((one) => one.items);
const logOf = async (jobId: string): Promise<string[]> => {
  const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { logs(first: 1000) { edges { node { text stream } } } } } }`;
  const data = await execution.ask<{ _entities: { logs: { edges: { node: { text: string } }[] } }[] }>(
    actor,
    query,
    { id: jobId },
  );
  return data._entities[0]?.logs.edges.map((edge) => edge.node.text) ?? [];
};
const keptReports = (): string[] =>
  readFileSync(join(folder, 'state/reports/local-process/reports.jsonl'), 'utf8').split('\n').filter(Boolean);

const ECHO = `export async function run(data, params, context) {
  console.log('line one'); console.error('line two'); context.progress(0.5, 'half');
  await new Promise((resolve) => setTimeout(resolve, 400));
  return { bytes: JSON.stringify(data)?.length, params, attempt: context.attempt, item: context.item };
}`;

describe('a worker', () => {
  test('solves a real problem: claims, fetches, runs, logs, reports', async () => {
    await startWorker();
    const qubo = await service(readFileSync(join(EXAMPLES, 'qubo/qubo.mjs'), 'utf8'));
    const dataArtifactId = await execution.upload(
      actor,
      readFileSync(join(EXAMPLES, 'qubo/instances/bqp50_1.qubo')),
    );
    const { jobId } = await jobs.submit({ ...qubo, dataArtifactId, params: { seed: 7, iterations: 20_000 } });
    const [report] = await jobs.finished(jobId);
    expect(report?.items[0]).toMatchObject({ outcome: 'SUCCEEDED', error: null });
    expect(JSON.parse(report?.items[0]?.result ?? 'null')).toMatchObject({ best: 2_098, n: 50 });
    expect(report?.usage).toMatchObject({ exitCode: 0, cpuMs: expect.any(Number) });
    expect(report?.usage?.peakMemoryBytes).toBeGreaterThan(1_000_000);
    const [told] = await eventually('what it ran in', () => (places.length > 0 ? places : undefined));
    expect(told?.digest).toBe(report?.environment);
    expect(told?.environment).toMatchObject({
      runtime: { name: 'NODEJS', version: process.versions.node },
      image: null,
      sandbox: { kind: 'bubblewrap', version: expect.stringMatching(/^\d+\./) },
      platform: { os: 'linux', arch: process.arch },
      limits: { memoryBytes: LIMITS.memoryBytes },
    });
    expect(
      await eventually('the log', async () => ((await logOf(jobId)).length > 5 ? logOf(jobId) : undefined)),
    ).toContainEqual(expect.stringContaining('50 variables'));
  });

  test('lays the params of items over those of the job, tells progress, and keeps the lease', async () => {
    await startWorker();
    const { jobId } = await jobs.submit({
      ...(await service(ECHO)),
      data: { big: 'x'.repeat(400_000) },
      params: { a: 1, b: 1 },
      items: [{ b: 2 }, undefined, 5],
    });
    const reports = await jobs.finished(jobId);
    const bytes = 400_010;
    expect(items(reports).map((item) => JSON.parse(item.result ?? 'null') as unknown)).toEqual([
      { bytes, params: { a: 1, b: 2 }, attempt: 1, item: 0 },
      { bytes, params: { a: 1, b: 1 }, attempt: 1, item: 1 },
      { bytes, params: 5, attempt: 1, item: 2 },
    ]);
    expect(reports.map((one) => one.usage !== null)).toEqual([false, false, true]);
    expect(jobs.progress.some((one) => one.fraction > 0 && one.message === 'half')).toBe(true);
  });

  test('stores a large result as an artifact', async () => {
    await startWorker();
    const { jobId } = await jobs.submit(await service(`export const run = () => 'x'.repeat(1_000_000);`));
    const [report] = await jobs.finished(jobId);
    const item = report?.items[0];
    expect(item).toMatchObject({
      outcome: 'SUCCEEDED',
      result: null,
      resultSha256: createHash('sha256')
        .update(`"${'x'.repeat(1_000_000)}"`)
        .digest('hex'),
    });
    const query = `query ($id: ID!) { artifact(id: $id) { size sha256 kind } }`;
    expect(await execution.ask(actor, query, { id: item?.resultArtifactId })).toEqual({
      artifact: { size: 1_000_002, sha256: item?.resultSha256, kind: 'RESULT' },
    });
  });

  test('runs several attempts at once', async () => {
    await startWorker();
    const echo = await service(ECHO);
    const started = performance.now();
    const submitted = await Promise.all([1, 2, 3, 4].map((n) => jobs.submit({ ...echo, params: { n } })));
    await Promise.all(submitted.map(({ jobId }) => jobs.finished(jobId)));
    expect(performance.now() - started).toBeLessThan(4 * 500);
  });

  test('runs a command with its file, and tells its secrets to nobody', async () => {
    await startWorker();
    const artifactId = await execution.upload(actor, 'echo "the token is $TOKEN"; exit 3');
    const { jobId } = await jobs.submit({
      ...(await service('')),
      dataArtifactId: artifactId,
      command: {
        command: 'sh app.sh',
        code: { artifactId, fileName: 'app.sh' },
        environment: [{ name: 'TOKEN', value: 'hunter2hunter2', secret: true }],
      },
    });
    const [report] = await jobs.finished(jobId);
    expect(report).toMatchObject({ items: [{ outcome: 'FAILED', error: { code: 'COMMAND_FAILED' } }] });
    expect(report?.usage?.exitCode).toBe(3);
    const log = await eventually('the log', async () =>
      (await logOf(jobId)).length > 1 ? logOf(jobId) : undefined,
    );
    expect(log).toEqual(['the token is ***', expect.stringMatching(/^COMMAND_FAILED: .*exit code 3\.$/)]);
  });

  test.each([
    ['throws.mjs', 'SERVICE_EXCEPTION', {}],
    ['runs-too-long.mjs', 'TIMEOUT', { timeoutMs: 600 }],
    ['floods-log.mjs', 'LOG_LIMIT_EXCEEDED', {}],
    ['fills-disk.mjs', 'DISK_LIMIT_EXCEEDED', {}],
    ['eats-memory.mjs', 'OUT_OF_MEMORY', {}],
    ['calls-out.mjs', 'SERVICE_EXCEPTION', {}],
  ])('reports %s as %s, with the reason at the end of the log', async (name, code, more) => {
    await startWorker();
    const { jobId } = await jobs.submit({
      ...(await service(readFileSync(join(EXAMPLES, 'misbehaving', name), 'utf8'))),
      ...more,
    });
    const [report] = await jobs.finished(jobId);
    expect(report?.items[0]).toMatchObject({ outcome: 'FAILED', result: null, error: { code } });
    if (name !== 'floods-log.mjs')
      await eventually('the reason in the log', async () =>
        (await logOf(jobId)).at(-1)?.startsWith(`${code}: `),
      );
  });

  test.each(['cancelByRenewal', 'cancelByMessage'] as const)('honours a cancellation (%s)', async (way) => {
    await startWorker();
    const { jobId } = await jobs.submit(
      await service(readFileSync(join(EXAMPLES, 'misbehaving/runs-too-long.mjs'), 'utf8')),
    );
    await eventually('the run', async () => (await logOf(jobId)).includes('working for ever'));
    jobs[way](jobId);
    expect(items(await jobs.finished(jobId))[0]?.outcome).toBe('CANCELLED');
  });

  test.each(['cancelByRenewal', 'cancelByMessage'] as const)(
    'ends or skips single items, and runs the others (%s)',
    async (way) => {
      await startWorker();
      const { jobId } = await jobs.submit({
        ...(await service(`export async function run(data, params) {
          console.log('item ' + params); if (params === 1) await new Promise(() => setInterval(() => {}, 1000)); return params; }`)),
        items: [0, 1, 2, 3],
      });
      await eventually('the second item', async () => (await logOf(jobId)).includes('item 1'));
      jobs[way](jobId, [1, 3]);
      const told = items(await jobs.finished(jobId));
      expect(told.map((one) => [one.index, one.outcome])).toEqual([
        [0, 'SUCCEEDED'],
        [1, 'CANCELLED'],
        [2, 'SUCCEEDED'],
        [3, 'CANCELLED'],
      ]);
      await eventually('the log', async () => (await logOf(jobId)).includes('item 2'));
      expect(await logOf(jobId)).not.toContain('item 3');
    },
  );

  test('stops what it has lost, and says nothing more of it', async () => {
    await startWorker();
    const { jobId } = await jobs.submit(
      await service(readFileSync(join(EXAMPLES, 'misbehaving/runs-too-long.mjs'), 'utf8')),
    );
    await eventually('the run', async () => (await logOf(jobId)).includes('working for ever'));
    jobs.lose(jobId);
    await eventually('the run is gone', () => readdirSync(join(folder, 'sandbox')).length === 0);
    expect(jobs.reports.filter((one) => one.jobId === jobId)).toEqual([]);
  });

  test('keeps a report that nobody answers, and sends it again after a restart', async () => {
    const first = await startWorker();
    const { jobId } = await jobs.submit({ ...(await service(ECHO)), params: { durable: true } });
    await eventually('the run', async () => (await logOf(jobId)).includes('line one'));
    jobs.deaf = true;
    await eventually('the report on disk', () => keptReports().some((line) => line.includes(jobId)));
    await first.stop();
    expect(keptReports().filter((line) => line.includes(jobId))).toHaveLength(1);
    jobs.deaf = false;
    await startWorker();
    const [report] = await jobs.finished(jobId);
    expect(JSON.parse(report?.items[0]?.result ?? '')).toMatchObject({ params: { durable: true } });
    await eventually('the report is forgotten', () => keptReports().length === 0);
  });

  test('gives back what does not finish within the grace when it is stopped', async () => {
    const stopping = await startWorker();
    const { jobId } = await jobs.submit(
      await service(readFileSync(join(EXAMPLES, 'misbehaving/runs-too-long.mjs'), 'utf8')),
    );
    await eventually('the run', async () => (await logOf(jobId)).includes('working for ever'));
    await stopping.stop();
    expect((await jobs.finished(jobId)).map((one) => one.kind)).toEqual(['RELEASED']);
    expect(readdirSync(join(folder, 'sandbox'))).toEqual([]);
  });

  test('loses no attempt by an outage of the broker', async () => {
    await startWorker();
    const { jobId } = await jobs.submit(await service(ECHO.replace('400', '1500')));
    await eventually('the run', async () => (await logOf(jobId)).includes('line one'));
    await execution.broker.kill();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await execution.broker.restart();
    const [report] = await jobs.finished(jobId, 30_000);
    expect(report?.items[0]?.outcome).toBe('SUCCEEDED');
    await eventually('the whole log', async () => (await logOf(jobId)).includes('line two'));
  }, 60_000);

  test('serves the benchmark target only when told so', async () => {
    await expect(startWorker({ WORKER_TARGETS: 'local-noop' })).rejects.toThrow(/WEFT_BENCH/);
    await startWorker({ WORKER_TARGETS: 'local-noop', WEFT_BENCH: '1' });
    const echo = await service(ECHO);
    const { jobId } = await jobs.submit({ ...echo, targetId: 'local-noop' });
    const [item] = items(await jobs.finished(jobId));
    expect(item?.outcome).toBe('SUCCEEDED');
    expect(JSON.parse(item?.result ?? 'null')).toEqual({ endedAt: expect.any(Number) as number });
  });

  test('says what is missing when there is no bubblewrap, and claims nothing', async () => {
    await startWorker({ BWRAP_PATH: '/nowhere/bwrap' });
    const query = `{ target(id: "local-process") { status statusReason } }`;
    const seen = await eventually('the target is unavailable', async () => {
      const { target } = await execution.ask<{ target: { status: string; statusReason: string } }>(
        actor,
        query,
      );
      return target.status === 'UNAVAILABLE' ? target : undefined;
    });
    expect(seen.statusReason).toMatch(/bubblewrap/);
    const before = jobs.claims;
    await jobs.submit(await service(ECHO));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(jobs.claims).toBe(before);
    expect(existsSync(folder)).toBe(true);
  });
});
