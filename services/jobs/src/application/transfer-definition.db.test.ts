import { randomUUID } from 'node:crypto';
import type { Actor } from '@weft/identity';
import { aUser } from '@weft/testkit';
import { beforeAll, expect, it } from 'vitest';
import { aVersion, startEngine, type Engine } from '../testing/engine.js';
import { aDefinition, aSchedule, checks, codesOf, valueOf } from '../testing/stored-jobs.js';
import { runDueSchedules } from './run-due-schedules.js';
import { startDefinition } from './start-definition.js';
import { transferDefinition } from './transfer-definition.js';

let engine: Engine;
/** OWNER here and MAINTAINER in another organization. */
let giver: Actor;
/** MAINTAINER in that other one only. */
let taker: Actor;
const other = randomUUID();
beforeAll(async () => {
  engine = await startEngine();
  const there = { id: other, role: 'MAINTAINER' as const };
  giver = { ...engine.user, organizations: [...engine.user.organizations, there] };
  taker = { ...aUser(), organizations: [there] };
});

const command = {
  command: 'echo',
  startScript: null,
  workingDirectory: null,
  environment: [{ name: 'KEY', value: 'hidden', secret: true }],
  codeArtifactId: null,
  codeFileName: null,
};
const ofCommand = (name: string) =>
  aDefinition(engine, {
    name,
    template: {
      serviceVersionId: null,
      data: null,
      command,
      webhook: { url: 'http://127.0.0.1:8000/x', secret: null },
    },
  });
const start = (actor: Actor, definitionId: string) =>
  startDefinition(engine.ports, checks, actor, 'c', { definitionId, inputs: null, idempotencyKey: null });
const ownerOf = async (table: string, id: string): Promise<unknown> =>
  (
    await engine.database.query<{ o: string }>(`select organization_id as o from ${table} where id = $1`, [
      id,
    ])
  )[0]?.o;

it('goes over with its schedules and secrets; what it started stays', async () => {
  const id = await ofCommand('given');
  const scheduleId = await aSchedule(engine, id);
  const before = valueOf(await start(giver, id)).jobId;
  expect(valueOf(await transferDefinition(engine.ports, giver, id, other))).toMatchObject({
    change: 'UPDATED',
  });
  expect(valueOf(await transferDefinition(engine.ports, giver, id, other))).toMatchObject({
    change: 'UNCHANGED',
  });
  expect(codesOf(await start(engine.user, id))).toEqual(['NOT_FOUND input.id']);

  const after = valueOf(await start(taker, id)).jobId;
  expect([await ownerOf('job', before), await ownerOf('job', after)]).toEqual([engine.organizationId, other]);
  expect(await ownerOf('schedule', scheduleId)).toBe(other);
  const claimed = await engine.claim();
  expect(claimed.map((one) => one.jobId).sort()).toEqual([before, after].sort());
  for (const one of claimed) expect(JSON.stringify(one.code)).toContain('hidden');
  const [hook] = await engine.database.query<{ sealed: string }>(
    'select sealed_secret as sealed from job_webhook where job_id = $1',
    [after],
  );
  expect(engine.ports.secrets.open(hook?.sealed as string, `webhook of organization ${other}`)).toMatch(
    /^whsec_/,
  );

  const planned: (string | null)[] = [];
  await runDueSchedules(engine.ports, (work) => work(checks), {
    most: 100,
    clock: () => new Date(Date.now() + 3_600_000),
    decided: ({ jobId }) => void planned.push(jobId),
    stuck: (_id, error) => {
      throw error;
    },
  });
  expect(planned).toHaveLength(1);
  const [run] = await engine.database.query(
    'select organization_id as o, created_by as by from job where id = $1',
    [planned[0]],
  );
  expect(run).toEqual({ o: other, by: giver.id });
});

it('is refused without the rights, where the name is taken, and where it could not run', async () => {
  const id = await ofCommand('kept');
  const give = async (actor: Actor, definitionId = id) =>
    codesOf(await transferDefinition(engine.ports, actor, definitionId, other));
  expect(await give(taker)).toEqual(['NOT_FOUND input.id']);
  expect(await give(engine.user)).toEqual(['FORBIDDEN input.organizationId']);
  const maintainer = {
    ...giver,
    organizations: giver.organizations.map((one) => ({ ...one, role: 'MAINTAINER' as const })),
  };
  expect(await give(maintainer)).toEqual(['FORBIDDEN input.id']);
  const taken = await ofCommand('given');
  expect(await give(giver, taken)).toEqual(['CONFLICT input.organizationId']);
  const version = aVersion(engine.organizationId, { lifecycle: 'CREATED' });
  await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
  const own = await aDefinition(engine, { name: 'own service', template: { serviceVersionId: version.id } });
  expect(await give(giver, own)).toEqual(['REFERENCE_UNKNOWN input.organizationId']);
  for (const one of [id, taken, own])
    expect(await ownerOf('job_definition', one)).toBe(engine.organizationId);
});
