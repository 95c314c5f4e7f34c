import { randomUUID } from 'node:crypto';
import type { LogsReply } from '@weft/contracts';
import { openDatabase } from '@weft/database';
import { createLogger } from '@weft/telemetry';
import { aUser, eventually } from '@weft/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { anAttempt } from './testing/test-execution.js';
import { aBatch, aLine, say, setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution, worker } = stage;
const database = await openDatabase({
  url: execution.databaseUrl,
  applicationName: 'test',
  entities: [],
  migrations: [],
  logger: createLogger('test', 'silent'),
});
afterAll(() => database.close());

const known = (ids: readonly string[]) =>
  database.query<{ state: string; seq: number; outcome: string }>(
    `select j.state, j.seq, a.outcome from known_job j join known_attempt a on a.job_id = j.id where j.id = any($1)`,
    [ids],
  );

describe('news of jobs', () => {
  test('of a burst with one that PostgreSQL refuses is kept, and that one is a dead letter', async () => {
    const organizationId = aUser().personalOrganizationId as string;
    const ids = Array.from({ length: 30 }, () => randomUUID());
    const tell = (jobId: string, seq: number) =>
      execution.tellJob({ jobId, organizationId, seq, state: 'IN_PROGRESS', attempts: [anAttempt()] });
    const poison = randomUUID();
    await Promise.all([
      ...ids.flatMap((jobId) => [tell(jobId, 1), tell(jobId, 2)]),
      execution.tellJob({ jobId: poison, organizationId: 'not a uuid', seq: 1, state: 'PENDING' }),
    ]);
    await eventually('all that is good', async () => {
      const rows = await known(ids);
      return rows.length === ids.length && rows.every(({ seq }) => seq === 2);
    });
    const letters = await eventually('the dead letter', async () => {
      const rows = await database.query<{ id: string }>('select id from dead_letter');
      return rows.length > 0 ? rows : undefined;
    });
    expect(letters.map(({ id }) => id)).toEqual([`job-changed:${poison}:1`]);
  });

  test('that is older than what is known changes nothing', async () => {
    const organizationId = aUser().personalOrganizationId as string;
    const [jobId, marker] = [randomUUID(), randomUUID()];
    const ended = [anAttempt({ outcome: 'SUCCEEDED', endedAt: new Date().toISOString() })];
    await execution.tellJob({ jobId, organizationId, seq: 5, state: 'SUCCEEDED', attempts: ended });
    await execution.tellJob({ jobId, organizationId, seq: 2, state: 'IN_PROGRESS', attempts: [anAttempt()] });
    await execution.tellJob({
      jobId: marker,
      organizationId,
      seq: 1,
      state: 'PENDING',
      attempts: [anAttempt()],
    });
    await eventually('the last of it', async () => (await known([marker])).length === 1);
    expect(await known([jobId])).toEqual([{ state: 'SUCCEEDED', seq: 5, outcome: 'SUCCEEDED' }]);
  });
});

describe('the logs of several attempts in one request', () => {
  test('are stored each for itself, and answered each for itself', async () => {
    const actor = aUser();
    const organizationId = actor.personalOrganizationId as string;
    const [one, other] = [await stage.aRunningJob(organizationId), await stage.aRunningJob(organizationId)];
    const usage = { wallMs: 5, cpuMs: 4, peakMemoryBytes: 3, exitCode: 0 };
    const batches = [
      aBatch(one, [aLine(1, 'of one'), aLine(2)]),
      aBatch(randomUUID(), [aLine(1, 'of none')]),
      aBatch(other, [aLine(1, 'of the other')], { complete: true, usage }),
      aBatch(one, [aLine(1, 'of another fence')], { attempt: 2 }),
    ];
    const told = () => say<LogsReply>(worker, 'log', 'worker-1', { batches });
    const replies = {
      replies: [
        { code: 'OK', stored: 2 },
        { code: 'ATTEMPT_UNKNOWN', stored: 0 },
        { code: 'OK', stored: 1 },
        { code: 'ATTEMPT_UNKNOWN', stored: 0 },
      ],
    };
    expect(await told()).toEqual(replies);
    expect(await told()).toEqual(replies);
    const lines = await database.query(
      'select job_id = $1 as of_one, position, text from log_line where job_id = any($2) order by 1 desc, 2',
      [one, [one, other]],
    );
    expect(lines).toEqual([
      { of_one: true, position: 1, text: 'of one' },
      { of_one: true, position: 2, text: 'line 2' },
      { of_one: false, position: 1, text: 'of the other' },
    ]);
    const complete = await database.query(
      'select job_id = $1 as of_one, log_complete, cpu_ms from known_attempt where job_id = any($2) order by 1 desc',
      [one, [one, other]],
    );
    expect(complete).toEqual([
      { of_one: true, log_complete: false, cpu_ms: null },
      { of_one: false, log_complete: true, cpu_ms: 4 },
    ]);
  });

  test('may name an attempt once only', async () => {
    const batch = aBatch(randomUUID(), [aLine(1)]);
    expect(await say(worker, 'log', 'worker-1', { batches: [batch, batch] })).toMatchObject({
      error: { code: 'BAD_USER_INPUT' },
    });
  });
});
