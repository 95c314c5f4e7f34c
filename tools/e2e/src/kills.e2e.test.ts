// SIGKILL at every named point of the jobs service (its relay and scheduler live in it) and of the worker, one after the
// other in one Weft, each while jobs run. What is in the sources and not in the tables here fails the first test.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armedBy, killAt, pointsIn } from './testing/armed-points.js';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { expectSoundHistory, jobsDatabase } from './testing/sound-history.js';
import { newDataFolder, startWeft, type RunFile, type Weft } from './testing/weft.js';
import { finish, publishService, submitJob } from './testing/work.js';

// Longer than a worker waits for an answer that never comes: a jobs service that died must not cost an attempt.
const SETTINGS = {
  JOBS_LEASE: '8s',
  JOBS_START_LEASE: '5s',
  JOBS_SWEEP: '200ms',
  JOBS_BACKOFF: '100ms',
  JOBS_SCHEDULE: '200ms',
  WEFT_RESTART_PAUSE_MAX: '200ms',
};
const SLEEPER = `export const run = async (data) => { await new Promise((r) => setTimeout(r, data.ms)); return 'slept ' + data.ms; };`;
const HOUR = 3_600_000;

type Needs = 'job' | 'held-claim' | 'late-job' | 'schedule';

/** Points of the jobs service, on which hit, and what besides plain jobs must be there for it to be reached. */
const JOBS_POINTS: readonly (readonly [point: string, needs: Needs])[] = [
  ['after-insert', 'job'],
  ['after-save', 'job'],
  ['after-save#2', 'job'],
  ['hold-served', 'held-claim'],
  ['after-claim', 'job'],
  ['after-report', 'job'],
  ['relay-before-publish', 'job'],
  ['relay-before-publish#4', 'job'],
  ['relay-after-publish', 'job'],
  ['relay-after-publish#4', 'job'],
  ['after-promote', 'late-job'],
  ['slot-taken', 'schedule'],
  ['slot-committed', 'schedule'],
];
/** With the number of the attempt that ends the job: what is in the journal is told by the successor. */
const WORKER_POINTS = [
  ['after-claim', 2],
  ['mid-run', 2],
  ['before-report', 2],
  ['after-journal', 1],
  ['after-report', 1],
] as const;
/** services/jobs/src/webhooks.sys.test.ts kills there. */
const KILLED_ELSEWHERE = ['webhook-sent'];

const nameOf = (point: string): string => point.replace(/#\d+$/, '');
const armed = (point: string): string => point.replace(/^([\w-]+)(#\d+)?$/, '$1=kill$2');

let weft: Weft;
let client: GraphClient;
let sleeper: string;
let round = 0;
const accepted = new Set<string>();

beforeAll(async () => {
  const data = newDataFolder();
  weft = await startWeft({ data, env: { ...SETTINGS, WEFT_SYNC_POINTS: armedBy(data) } });
  client = graphClient(weft.url, weft.token);
  sleeper = await publishService(client, 'sleeper.mjs', SLEEPER);
}, 90_000);
afterAll(closeClients);

/** Asks until it is answered, under one key: what a client does whose server dies. */
const submitSurely = async (input: Readonly<Record<string, unknown>>, key: string): Promise<string> => {
  const id = await eventually(
    'an accepted job',
    () => submitJob(client, { ...input, idempotencyKey: key }),
    20_000,
  );
  accepted.add(id);
  return id;
};

const submitSome = (extra: Readonly<Record<string, unknown>> = {}, many = 3): Promise<string[]> => {
  round += 1;
  return Promise.all(
    Array.from({ length: many }, (_, n) =>
      submitSurely({ serviceVersionId: sleeper, data: { ms: 50 * n }, ...extra }, `kill ${round} ${n}`),
    ),
  );
};

/** Each ended well and at this attempt; nothing is left of them anywhere, and no job is there twice. */
async function expectEnded(ids: readonly string[], attempts: number): Promise<void> {
  await eventually('a ready Weft', async () => (await fetch(`${weft.url}/readyz`)).status === 200, 20_000);
  for (const id of ids) {
    const job = await eventually('the end of the job', () => finish(client, id), 30_000);
    expect(job.state).toBe('SUCCEEDED');
    expect(job.attempts.map((attempt) => attempt.outcome)).toEqual(
      attempts === 1 ? ['SUCCEEDED'] : ['SUCCEEDED', 'LOST'],
    );
  }
  await expectSoundHistory(weft);
  expect(await counted('job')).toBe(accepted.size);
}

async function counted(table: string): Promise<number> {
  const database = await jobsDatabase(weft);
  try {
    const { rows } = await database.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    return rows[0]?.n ?? 0;
  } finally {
    await database.end();
  }
}

/** A schedule whose last planned time was missed and is to be made up for: the id of the job that it starts. */
async function dueSchedule(): Promise<() => Promise<string>> {
  const { definition } = await client.mutate<{ definition: { id: string } }>(
    `mutation($input: ApplyJobDefinitionInput!) { applyJobDefinition(input: $input) { definition { id } userErrors { code message } } }`,
    { name: `hourly ${(round += 1)}`, serviceVersionId: sleeper, data: { ms: 50 } },
  );
  const { schedule } = await client.mutate<{ schedule: { id: string } }>(
    `mutation($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id } userErrors { code message } } }`,
    { definitionId: definition.id, cron: '0 * * * *', missedRunPolicy: 'ALL', missedRunLimit: 1 },
  );
  const database = await jobsDatabase(weft);
  const due = Math.floor(Date.now() / HOUR) * HOUR;
  await database.query('update schedule set decided_until = $2, next_run_at = $3 where id = $1', [
    schedule.id,
    new Date(due - 1),
    new Date(due),
  ]);
  return () =>
    eventually('the job of the schedule', async () => {
      const { rows } = await database.query<{ id: string }>(
        'select job_id as id from schedule_slot where schedule_id = $1 and job_id is not null',
        [schedule.id],
      );
      if (rows.length > 1) throw new Error('a planned time started two jobs');
      if (rows[0] === undefined) return undefined;
      await database.end();
      await stopSchedule(schedule.id);
      accepted.add(rows[0].id);
      return rows[0].id;
    });
}

/** Were the hour to turn while the rest runs, the schedule would start a job that nobody here has accepted. */
const stopSchedule = (id: string): Promise<unknown> =>
  eventually(
    'a schedule that stands still',
    () =>
      client.mutate(
        `mutation($input: ScheduleIdInput!) { pauseSchedule(input: $input) { schedule { id } userErrors { code message } } }`,
        { id },
      ),
    20_000,
  );

/** What lies in the journals of the workers; what was answered is cleared away within seconds. */
const unansweredBytes = (data: string): number =>
  readdirSync(join(data, 'worker'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('reports.jsonl'))
    .reduce((sum, file) => sum + statSync(join(data, 'worker', file)).size, 0);

const jobsPid = (run: RunFile): number | null => run.subgraphs.jobs.pid;
const workerPid = (run: RunFile): number | null => run.workers[0]?.pid ?? null;

const works: Readonly<Record<Needs, () => Promise<string[]>>> = {
  job: () => submitSome(),
  // A worker whose last job has just ended waits for the next one.
  'held-claim': async () => {
    const first = await submitSome({}, 1);
    await eventually('the end of the first job', () => finish(client, first[0] ?? ''), 20_000);
    return [...first, ...(await submitSome())];
  },
  'late-job': () => submitSome({ startAt: new Date(Date.now() + 500).toISOString() }, 2),
  schedule: async () => [await (await dueSchedule())()],
};

describe('SIGKILL at every named point', () => {
  it('is tried at every one that there is', () => {
    expect(pointsIn('services/jobs/src', 'libs/outbox/src')).toEqual(
      [...new Set([...JOBS_POINTS.map(([point]) => nameOf(point)), ...KILLED_ELSEWHERE])].sort(),
    );
    expect(pointsIn('services/execution/src', 'libs/worker/src')).toEqual(
      WORKER_POINTS.map(([point]) => point).sort(),
    );
  });

  it.each(JOBS_POINTS)('of the jobs service: %s, while there is a %s', async (point, needs) => {
    let ids: string[] = [];
    await killAt(weft, `jobs-${armed(point)}`, jobsPid, async () => {
      ids = await works[needs]();
    });
    await expectEnded(ids, 1);
  });

  it.each(WORKER_POINTS)('of the worker: %s, ended by attempt %i', async (point, attempts) => {
    let ids: string[] = [];
    // A job has ended before its worker has heard the answer to its last report: that one is not to be struck here.
    await eventually('every report answered', () => unansweredBytes(weft.data) === 0);
    await killAt(weft, armed(point), workerPid, async () => {
      ids = await submitSome({}, 1);
    });
    await expectEnded(ids, attempts);
  });
}, 60_000);
