import { randomUUID } from 'node:crypto';
import { commandSpec, type ClaimedAttempt } from '@weft/contracts';
import type { Outcome } from '@weft/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../domain/command.js';
import { createSchemaChecker } from '../domain/schema-check.js';
import { inTime } from '../in-time.js';
import { checking } from '../testing/checks.js';
import { aTarget, aVersion, failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { newsOf } from '../testing/engine-tables.js';
import { readInput } from './read-input.js';
import { resolveReferences } from './resolve-references.js';
import { retryJob } from './retry-job.js';
import { submitJob, type Submitted } from './submit-job.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const VALUE = 'hunter2-hunter2';
const worker = { workerId: 'worker-1', targetId: 'local-process' };

const aCommand = (more: Partial<Command> = {}): Command => ({
  command: 'make all',
  startScript: 'make ready',
  workingDirectory: 'app',
  environment: [
    { name: 'MODE', value: 'fast', secret: false },
    { name: 'TOKEN', value: VALUE, secret: true },
  ],
  codeArtifactId: null,
  codeFileName: null,
  ...more,
});
const commandJob = (command: Command = aCommand()) => ({ serviceVersionId: null, command });
const submit = (overrides: Parameters<Engine['submission']>[0]): Promise<Outcome<Submitted>> =>
  submitJob(
    engine.ports,
    createSchemaChecker(inTime),
    engine.user.id,
    'correlation',
    engine.submission(overrides),
  );
const specOf = ({ code }: ClaimedAttempt): unknown =>
  'command' in code && code.command.by === 'value' ? commandSpec.parse(JSON.parse(code.command.json)) : code;

/** Every row of every table as text. */
async function wholeDatabase(): Promise<string> {
  const tables = await engine.database.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await engine.database.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return texts.join('\n');
}

describe('a command', () => {
  it('is claimed with its secrets in the clear, once for each item, and keeps none of them readable', async () => {
    const id = await engine.submit({
      ...commandJob(),
      items: ['{"i":0}', null],
      idempotencyKey: 'with-secret',
    });
    const [attempt] = await engine.claim();
    expect(attempt).toMatchObject({ jobId: id, kind: 'COMMAND', items: [{ index: 0 }, { index: 1 }] });
    expect(specOf(attempt!)).toEqual({
      command: 'make all',
      startScript: 'make ready',
      workingDirectory: 'app',
      environment: aCommand().environment,
      code: null,
      runtime: null,
    });
    expect(await engine.job(id)).toMatchObject({ kind: 'COMMAND', serviceVersionId: null, serviceId: null });
    const hash = engine.ports.chance.sha256('make ready\nmake all');
    expect((await newsOf(engine, id)).map(({ inputs }) => inputs.commandSha256)).toEqual([hash, hash]);
    const dump = await wholeDatabase();
    expect(dump).toContain('"MODE"');
    expect(dump).not.toContain(VALUE);
    await engine.report(attempt!, 'FINISHED', [succeeded(0), succeeded(1)]);
    expect(await engine.job(id)).toMatchObject({ state: 'SUCCEEDED' });
  });

  it('that is large is left to be fetched, by its holder only', async () => {
    const command = aCommand({ startScript: `# ${'x'.repeat(60_000)}` });
    await engine.submit(commandJob(command));
    const [attempt] = await engine.claim();
    expect(attempt?.code).toEqual({ command: { by: 'fetch', bytes: expect.any(Number) as number } });
    const request = { ...attempt!, requestId: 'request-1', which: 'command', item: null, offset: 0 } as const;
    const { bytes, total } = await readInput(engine.ports, worker, request);
    expect(bytes.length).toBe(total);
    expect(commandSpec.parse(JSON.parse(Buffer.from(bytes).toString()))).toMatchObject({
      startScript: command.startScript,
      environment: command.environment,
    });
    const stranger = readInput(engine.ports, { ...worker, workerId: 'worker-2' }, request);
    await expect(stranger).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await engine.report(attempt!, 'FINISHED', [succeeded(0)]);
    await expect(readInput(engine.ports, worker, request)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('and a service version exclude each other, and one of them must be there', async () => {
    expect(await submit({ command: aCommand() })).toMatchObject({
      ok: false,
      errors: [{ code: 'BAD_USER_INPUT', path: ['input', 'command'] }],
    });
    expect(await submit({ serviceVersionId: null })).toMatchObject({
      ok: false,
      errors: [{ code: 'BAD_USER_INPUT', path: ['input', 'serviceVersionId'] }],
    });
  });

  it('is the same under one idempotency key, and another with another secret', async () => {
    const first = await submit({ ...commandJob(), idempotencyKey: 'k' });
    const again = await submit({ ...commandJob(), idempotencyKey: 'k' });
    if (!first.ok || !again.ok) throw new Error('refused');
    expect(again.value).toEqual({ jobId: first.value.jobId, repeated: true });
    const other = aCommand({ environment: [{ name: 'TOKEN', value: 'another', secret: true }] });
    expect(await submit({ ...commandJob(other), idempotencyKey: 'k' })).toMatchObject({
      ok: false,
      errors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    });
    await engine.claim();
  });

  it('retried as a successor has the same secrets', async () => {
    const id = await engine.submit(commandJob());
    const [attempt] = await engine.claim();
    await engine.report(attempt!, 'FINISHED', [failed(0, 'COMMAND_FAILED')]);
    const retried = await retryJob(engine.ports, engine.user, 'correlation', id, 'FAILED');
    if (!retried.ok) throw new Error('refused');
    const [again] = await engine.claim();
    expect(again?.jobId).toBe(retried.value.jobId);
    expect(specOf(again!)).toMatchObject({ environment: aCommand().environment });
    await engine.report(again!, 'FINISHED', [succeeded(0)]);
  });

  it('whose secret cannot be opened any more fails alone, and not the claim of others', async () => {
    const id = await engine.submit(commandJob());
    const other = await engine.submit();
    await engine.database.query(
      `update job_input set command = replace(command::text, '"v1.1.', '"v1.gone.')::json where id = (select input_id from job where id = $1)`,
      [id],
    );
    const attempts = await engine.claim();
    expect(attempts.map((one) => one.jobId).sort()).toEqual([id, other].sort());
    const broken = attempts.find((one) => one.jobId === id)!;
    expect(broken.code).toEqual({ command: { by: 'fetch', bytes: 0 } });
    const request = { ...broken, requestId: 'request-1', which: 'command', item: null, offset: 0 } as const;
    await expect(readInput(engine.ports, worker, request)).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
    });
  });

  it('waits for the file that it names, and takes no other organization’s', async () => {
    const codeArtifactId = randomUUID();
    const id = await engine.submit(commandJob(aCommand({ codeArtifactId, codeFileName: 'app.tar' })));
    expect(await engine.job(id)).toMatchObject({ state: 'PENDING', reason: 'WAITING_FOR_REFERENCE' });
    const artifact = { id: codeArtifactId, size: 3, sha256: 'x', organizationId: engine.organizationId };
    await engine.ports.transact((tx) => tx.references.keepArtifact(artifact));
    await resolveReferences(engine.ports, checking);
    const attempt = (await engine.claim()).find((one) => one.jobId === id);
    expect(specOf(attempt!)).toMatchObject({ code: { artifactId: codeArtifactId, fileName: 'app.tar' } });
    const [news] = await newsOf(engine, id);
    expect(news?.inputs.artifactIds).toEqual([codeArtifactId]);

    const foreign = { ...artifact, id: randomUUID(), organizationId: randomUUID() };
    await engine.ports.transact((tx) => tx.references.keepArtifact(foreign));
    expect(await submit(commandJob(aCommand({ codeArtifactId: foreign.id })))).toMatchObject({
      ok: false,
      errors: [{ code: 'REFERENCE_UNKNOWN', path: ['input', 'command', 'codeArtifactId'] }],
    });
  });
});

describe('sizes and images', () => {
  it('bound what a run may use, for commands and services alike', async () => {
    await engine.submit({ ...commandJob(), size: 'small', image: 'nodejs', timeoutSeconds: 45 });
    await engine.submit({ size: 'small', image: 'nodejs' });
    const attempts = await engine.claim();
    const small = aTarget().sizes[0]!;
    for (const attempt of attempts)
      expect(attempt).toMatchObject({
        timeoutMs: 30_000,
        limits: {
          memoryBytes: small.memoryBytes,
          processes: 8,
          diskBytes: 1 << 20,
          cpus: 1,
          timeSeconds: 30,
        },
      });
    expect(
      attempts.map(({ code }) => ('command' in code ? (specOf(attempts[0]!) as object) : code)),
    ).toMatchObject([{ runtime: 'NODEJS' }, { runtime: 'NODEJS' }]);
    expect(attempts[0]?.limits.logBytes).toBe(aTarget().limits.logBytes);
  });

  it('that the target does not have are refused with those that it has', async () => {
    const services = aTarget({ id: 'services-only', kinds: ['MANAGED_SERVICE'] });
    const noPython = aTarget({ id: 'no-python', runtimes: ['NODEJS'] });
    await engine.ports.transact(async (tx) => {
      await tx.references.keepTarget(services);
      await tx.references.keepTarget(noPython);
    });
    const refusal = async (overrides: Parameters<Engine['submission']>[0]): Promise<string> => {
      const outcome = await submit(overrides);
      return outcome.ok
        ? 'accepted'
        : outcome.errors.map(({ path, message }) => `${path.join('.')}: ${message}`).join();
    };
    expect(await refusal({ ...commandJob(), size: 'huge' })).toMatch(
      /^input\.size: .*no size huge; it has small\.$/,
    );
    expect(await refusal({ ...commandJob(), image: 'cobol' })).toMatch(
      /^input\.image: .*shell, nodejs, python\.$/,
    );
    expect(await refusal({ ...commandJob(), size: 'Not a name' })).toMatch(/^input\.size: /);
    expect(await refusal({ image: 'python' })).toMatch(/^input\.image: .*no NODEJS/);
    expect(await refusal({ image: 'shell' })).toMatch(/^input\.image: .*no NODEJS/);
    expect(await refusal({ ...commandJob(), targetId: 'services-only' })).toMatch(
      /^input\.targetId: .*COMMAND/,
    );
    expect(await refusal({ ...commandJob(), targetId: 'no-python', image: 'python' })).toMatch(
      /^input\.image: .*PYTHON/,
    );
    expect(await refusal({ ...commandJob(), targetId: 'no-python', image: 'nodejs' })).toBe('accepted');
    const python = aVersion(engine.organizationId, { runtime: 'PYTHON' });
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(python));
    expect(await refusal({ serviceVersionId: python.id, targetId: 'no-python' })).toMatch(
      /^input\.targetId: /,
    );
  });
});
