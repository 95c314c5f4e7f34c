// Definitions of kind COMMAND, and the webhook of a definition, from what is applied to what the worker is given.
import { checking } from '../testing/checks.js';
import { randomUUID } from 'node:crypto';
import { commandSpec } from '@weft/contracts';
import { Secret } from '@weft/config';
import { createSecretBox, newSecretsKey } from '@weft/secrets';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DraftVariable } from '../domain/definition/draft.js';
import { startEngine, type Engine } from '../testing/engine.js';
import { aContent, aSchedule, checks, codesOf, INPUTS, valueOf } from '../testing/stored-jobs.js';
import { wholeDatabase } from '../testing/whole-database.js';
import type { Ports } from './ports.js';
import { runDueSchedules } from './run-due-schedules.js';
import { runScheduleNow } from './run-schedule-now.js';
import { applyDefinition, updateDefinition } from './save-definition.js';
import { startDefinition } from './start-definition.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const VALUE = 'hunter2-hunter2';
const MODE: DraftVariable = { name: 'MODE', value: 'fast', secret: false };
const TOKEN: DraftVariable = { name: 'TOKEN', value: VALUE, secret: true };
const KEPT: DraftVariable = { ...TOKEN, value: null };

type Overrides = NonNullable<Parameters<typeof aContent>[1]>;
const commandOf = (environment: readonly DraftVariable[], codeArtifactId: string | null = null) => ({
  serviceVersionId: null,
  data: null,
  command: {
    command: 'make all',
    startScript: 'make ready',
    workingDirectory: 'app',
    environment,
    codeArtifactId,
    codeFileName: null,
  },
});
const apply = (overrides: Overrides, ports = engine.ports) =>
  applyDefinition(
    ports,
    checks.typedInputs,
    engine.user,
    engine.organizationId,
    null,
    aContent(engine, overrides),
  );
const start = (definitionId: string, inputs: unknown = null, ports: Ports = engine.ports) =>
  startDefinition(ports, checks, engine.user, 'correlation', {
    definitionId,
    inputs,
    idempotencyKey: null,
  });
async function claimed(jobId: string) {
  const attempt = (await engine.claim()).find((one) => one.jobId === jobId);
  if (attempt === undefined) throw new Error('not claimed');
  const { code } = attempt;
  if (!('command' in code) || code.command.by !== 'value') throw new Error('no command by value');
  return { attempt, spec: commandSpec.parse(JSON.parse(code.command.json)) };
}

describe('a command that is kept as a definition', () => {
  it('runs with its secret from start to start and version to version, and nothing kept can be read', async () => {
    const name = 'deploy';
    const template = { ...commandOf([MODE, TOKEN]), size: 'small', image: 'shell' };
    const { definitionId, change } = valueOf(await apply({ name, inputs: INPUTS, template }));
    expect(change).toBe('CREATED');
    const same = await apply({ name, inputs: INPUTS, template });
    expect(valueOf(same).change).toBe('UNCHANGED');
    const kept = { ...template, ...commandOf([MODE, KEPT]) };
    expect(valueOf(await apply({ name, inputs: INPUTS, template: kept })).change).toBe('UNCHANGED');

    const first = await claimed(valueOf(await start(definitionId, { day: 'monday' })).jobId);
    expect(first.spec).toMatchObject({
      command: 'make all',
      startScript: 'make ready',
      workingDirectory: 'app',
      environment: [MODE, TOKEN],
    });
    expect(await engine.job(first.attempt.jobId)).toMatchObject({
      kind: 'COMMAND',
      serviceVersionId: null,
      definitionId,
      definitionVersion: 1,
    });
    const [input] = await engine.reader.inputs([first.attempt.jobId]);
    expect(input).toMatchObject({ params: { day: 'monday', depth: 3 }, size: 'small', image: 'shell' });

    // A change that does not speak of the command carries its secret along.
    const changed = await updateDefinition(
      engine.ports,
      checks.typedInputs,
      engine.user,
      definitionId,
      null,
      (present) => ({ ...present, name: 'deploy more', description: 'moved' }),
    );
    expect(valueOf(changed).change).toBe('UPDATED');
    const second = await claimed(valueOf(await start(definitionId, { day: 'tuesday' })).jobId);
    expect(second.spec.environment).toEqual([MODE, TOKEN]);

    const other = { ...TOKEN, value: 'another-value' };
    const turned = { ...template, ...commandOf([MODE, other]) };
    expect(valueOf(await apply({ name: 'deploy more', inputs: INPUTS, template: turned })).change).toBe(
      'UPDATED',
    );
    const third = await claimed(valueOf(await start(definitionId, { day: 'wednesday' })).jobId);
    expect(third.spec.environment).toEqual([MODE, other]);

    const dump = await wholeDatabase(engine.database);
    expect(dump).toContain('make ready');
    expect(dump).not.toContain(VALUE);
    expect(dump).not.toContain('another-value');
  });

  it('is judged as a command that is submitted: forms, references, size and image', async () => {
    const wrong = (template: Overrides['template']) =>
      apply({ name: randomUUID(), template: template ?? {} });
    expect(codesOf(await wrong(commandOf([KEPT])))).toEqual([
      'BAD_USER_INPUT input.command.environment.0.value',
    ]);
    expect(codesOf(await wrong(commandOf([{ ...MODE, value: null }])))).toEqual([
      'BAD_USER_INPUT input.command.environment.0.value',
    ]);
    expect(codesOf(await wrong(commandOf([TOKEN, { ...TOKEN, name: 'WEFT_X' }])))).toEqual([
      'BAD_USER_INPUT input.command.environment.1.name',
    ]);
    expect(codesOf(await wrong({ ...commandOf([]), serviceVersionId: engine.version.id }))).toEqual([
      'BAD_USER_INPUT input.command',
    ]);
    expect(codesOf(await wrong({ serviceVersionId: null }))).toEqual([
      'BAD_USER_INPUT input.serviceVersionId',
    ]);
    expect(codesOf(await wrong({ ...commandOf([]), size: 'huge' }))).toEqual([
      'TARGET_INCOMPATIBLE input.size',
    ]);
    const artifact = { id: randomUUID(), organizationId: randomUUID(), size: 1, sha256: 'x' };
    await engine.ports.transact((tx) => tx.references.keepArtifact(artifact));
    expect(codesOf(await wrong(commandOf([], artifact.id)))).toEqual([
      'REFERENCE_UNKNOWN input.command.codeArtifactId',
    ]);
  });

  it('whose secret cannot be opened any more says so, also as a planned time, and writes nothing', async () => {
    const { definitionId } = valueOf(await apply({ name: 'locked', template: commandOf([TOKEN]) }));
    const ports = { ...engine.ports, secrets: createSecretBox(new Secret(newSecretsKey('9'))) };
    const outcome = await start(definitionId, null, ports);
    expect(codesOf(outcome)).toEqual(['SECRET_UNREADABLE input.id']);
    const scheduleId = await aSchedule(engine, definitionId);
    const decided: unknown[] = [];
    await runDueSchedules(ports, checking, {
      most: 100,
      clock: () => new Date(Date.now() + 3_600_000),
      decided: (slot) => decided.push([slot.scheduleId, slot.outcome, slot.errors[0]?.code]),
      stuck: (_id, error) => {
        throw error;
      },
    });
    expect(decided).toEqual([[scheduleId, 'REFUSED', 'SECRET_UNREADABLE']]);
    expect(valueOf(await apply({ name: 'locked', template: commandOf([TOKEN]) }, ports)).change).toBe(
      'UPDATED',
    );
    expect(codesOf(await start(definitionId, null, ports))).toEqual([]);
  });
});

describe('the webhook of a definition', () => {
  const webhook = { url: 'https://hooks.dev/weft?token=t0p', secret: null };
  const attached = (jobId: string) =>
    engine.database.query<{ url: string; sealed: string }>(
      'select url, sealed_secret as sealed from job_webhook where job_id = $1',
      [jobId],
    );

  it('is that of every job: started, planned, run now', async () => {
    const made = valueOf(await apply({ name: 'told', template: { webhook } }));
    expect(made.webhookSecret).toMatch(/^whsec_/);
    expect(valueOf(await apply({ name: 'told', template: { webhook } }))).toEqual({
      definitionId: made.definitionId,
      change: 'UNCHANGED',
      warnings: [],
    });
    const started = valueOf(await start(made.definitionId)).jobId;
    const scheduleId = await aSchedule(engine, made.definitionId);
    const now = valueOf(
      await runScheduleNow(engine.ports, checks, engine.user, 'correlation', scheduleId),
    ).jobId;
    const planned: string[] = [];
    await runDueSchedules(engine.ports, checking, {
      most: 100,
      clock: () => new Date(Date.now() + 3_600_000),
      decided: (slot) => void (slot.scheduleId === scheduleId && planned.push(slot.jobId as string)),
      stuck: (_id, error) => {
        throw error;
      },
    });
    expect(planned).toHaveLength(1);
    for (const jobId of [started, now, ...planned]) {
      const [row] = await attached(jobId);
      expect(row?.url).toBe(webhook.url);
      expect(
        engine.ports.secrets.open(row?.sealed as string, `webhook of organization ${engine.organizationId}`),
      ).toBe(made.webhookSecret);
    }
    expect(await wholeDatabase(engine.database)).not.toContain(made.webhookSecret);
    valueOf(await apply({ name: 'told', template: { webhook: null } }));
    expect(await attached(valueOf(await start(made.definitionId)).jobId)).toEqual([]);
  });

  it('is judged when it is kept and when it is used', async () => {
    const bad = { url: 'ftp://hooks.dev', secret: 'x' };
    expect(codesOf(await apply({ name: 'refused', template: { webhook: bad } })).sort()).toEqual([
      'BAD_USER_INPUT input.webhook.secret',
      'WEBHOOK_URL_REFUSED input.webhook.url',
    ]);
    const plain = { url: 'http://127.0.0.1:8000/x', secret: null };
    const { definitionId } = valueOf(await apply({ name: 'private', template: { webhook: plain } }));
    const strict = { ...engine.ports.webhooks, policy: { allowHttp: false, allowPrivate: false } };
    const outcome = await start(definitionId, null, { ...engine.ports, webhooks: strict });
    expect(codesOf(outcome)).toEqual(['WEBHOOK_URL_REFUSED input.id']);
  });
});
