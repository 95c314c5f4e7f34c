import { randomUUID } from 'node:crypto';
import { maintainersOf, type DataPoolChanged } from '@weft/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DefinitionDraft } from '../domain/definition/draft.js';
import { startEngine, type Engine } from '../testing/engine.js';
import {
  aContent,
  aDefinition,
  aSchedule,
  checking,
  checks,
  codesOf,
  valueOf,
} from '../testing/stored-jobs.js';
import { runDueSchedules } from './run-due-schedules.js';
import { runScheduleNow } from './run-schedule-now.js';
import { createDefinition } from './save-definition.js';
import { startDefinition } from './start-definition.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

interface Pool {
  readonly id: string;
  say(told?: Partial<DataPoolChanged>): Promise<void>;
  /** Another version of the file, and what takes it out. */
  put(
    name: string,
  ): Promise<{ readonly artifactId: string; readonly fileId: string; remove(): Promise<void> }>;
}

async function aPool(told: Partial<DataPoolChanged> = {}): Promise<Pool> {
  const { organizationId, ports } = engine;
  const [id, home] = [randomUUID(), organizationId];
  let [seq, version] = [0, 0];
  const pool: Pool = {
    id,
    say: (more = {}) =>
      ports.transact((tx) =>
        tx.references.keepDataPool({
          ...{
            dataPoolId: id,
            seq: (seq += 1),
            organizationId,
            name: 'pool',
            state: 'OPEN',
            change: 'UPDATED',
          },
          ...{ dataReaders: [home], dataWriters: [maintainersOf(home)], takesFiles: true },
          ...more,
        }),
      ),
    async put(name) {
      const file = {
        ...{ fileId: randomUUID(), seq: 1, dataPoolId: id, name, version: (version += 1), removed: false },
        ...{ artifactId: randomUUID(), mediaType: 'text/csv', size: 7, sha256: 'x' },
      };
      await ports.transact((tx) => tx.references.keepDataPoolFile(file));
      return {
        ...file,
        remove: () =>
          ports.transact((tx) => tx.references.keepDataPoolFile({ ...file, seq: 2, removed: true })),
      };
    },
  };
  await pool.say(told);
  return pool;
}

const definition = (template: Partial<DefinitionDraft['template']>): Promise<string> =>
  aDefinition(engine, { name: randomUUID(), template: { data: null, ...template } });

const start = (definitionId: string) =>
  startDefinition(engine.ports, checks, engine.user, 'c', {
    definitionId,
    inputs: null,
    idempotencyKey: null,
  });

const inputOf = (jobId: string) => engine.ports.transact((tx) => tx.jobs.inputOfJob(jobId));

describe('a definition', () => {
  it('takes by name the last version of the file at each start, by id always the same', async () => {
    const pool = await aPool();
    const first = await pool.put('day.csv');
    const byName = await definition({ dataPoolFile: { dataPoolId: pool.id, name: 'day.csv', fileId: null } });
    const byId = await definition({
      dataPoolFile: { dataPoolId: pool.id, name: null, fileId: first.fileId },
    });
    const dataOf = async (id: string) => (await inputOf(valueOf(await start(id)).jobId))?.dataArtifactId;
    expect(await dataOf(byName)).toBe(first.artifactId);
    const second = await pool.put('day.csv');
    expect(await dataOf(byName)).toBe(second.artifactId);
    expect(await dataOf(byId)).toBe(first.artifactId);
    await second.remove();
    expect(await dataOf(byName)).toBe(first.artifactId);
  });

  it('is saved with a warning where there is no such file or no right, and refuses to start', async () => {
    const pool = await aPool({ dataWriters: [] });
    const draft = aContent(engine, {
      name: 'warned',
      template: {
        data: null,
        dataPoolFile: { dataPoolId: pool.id, name: 'none', fileId: null },
        resultPool: { dataPoolId: pool.id, name: '{jobId}' },
      },
    });
    const made = valueOf(
      await createDefinition(engine.ports, checks.typedInputs, engine.user, engine.organizationId, draft),
    );
    expect(made.warnings.map(({ code }) => code)).toEqual(['REFERENCE_UNKNOWN', 'FORBIDDEN']);
    const refused = await start(made.definitionId);
    expect(codesOf(refused)).toEqual(['REFERENCE_UNKNOWN input.id', 'FORBIDDEN input.id']);
    expect(refused.ok ? '' : refused.errors[0]?.message).toMatch(/^The definition cannot run as it is/);
  });

  it('says all that is wrong with what it names', async () => {
    const draft = aContent(engine, {
      template: {
        dataPoolFile: { dataPoolId: 'x', name: 'a', fileId: null },
        resultPool: { dataPoolId: randomUUID(), name: '{day}' },
      },
    });
    const made = await createDefinition(
      engine.ports,
      checks.typedInputs,
      engine.user,
      engine.organizationId,
      draft,
    );
    expect(codesOf(made)).toEqual([
      'BAD_USER_INPUT input.dataPoolFile',
      'BAD_USER_INPUT input.dataPoolFile.dataPoolId',
      'BAD_USER_INPUT input.resultPool.name',
    ]);
  });

  it('gives its jobs a pool for their results, with what whoever starts it is', async () => {
    const pool = await aPool();
    const id = await definition({ resultPool: { dataPoolId: pool.id, name: 'latest.json' } });
    const { resultPool } = (await inputOf(valueOf(await start(id)).jobId)) ?? {};
    expect(resultPool).toMatchObject({ dataPoolId: pool.id, name: 'latest.json' });
    expect(resultPool?.principals).toContain(engine.user.id);
  });
});

describe('a schedule', () => {
  const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const at = (hours: number): Date => new Date(hour + hours * 3_600_000);
  const run = (now: Date) =>
    runDueSchedules(engine.ports, checking, {
      most: 50,
      clock: () => now,
      stuck: (_id, error) => {
        throw error as Error;
      },
    });
  const due = async (definitionId: string): Promise<string> => {
    const id = await aSchedule(engine, definitionId);
    await engine.database.query(
      `update schedule set decided_until = $2::timestamptz - interval '1 minute', next_run_at = $2 where id = $1`,
      [id, at(0)],
    );
    return id;
  };
  const told = async (id: string): Promise<string[]> =>
    (
      await engine.database.query<{ outcome: string; codes: string[] }>(
        `select outcome, array(select e ->> 'code' from json_array_elements(errors) e) as codes from schedule_slot
         where schedule_id = $1 order by planned_for`,
        [id],
      )
    ).map(({ outcome, codes }) => [outcome, ...codes].join(' '));
  const paused = async (id: string) =>
    (await engine.ports.transact((tx) => tx.schedules.lock(id)))?.pauseReason;

  it('says when the file was not there, and goes on with the next time', async () => {
    const pool = await aPool();
    const file = await pool.put('day.csv');
    const id = await due(
      await definition({ dataPoolFile: { dataPoolId: pool.id, name: 'day.csv', fileId: null } }),
    );
    await file.remove();
    await run(at(0));
    expect([await told(id), await paused(id)]).toEqual([['REFUSED REFERENCE_UNKNOWN'], null]);
    const again = await pool.put('day.csv');
    await run(at(1));
    expect(await told(id)).toEqual(['REFUSED REFERENCE_UNKNOWN', 'STARTED']);
    const [{ jobId }] = (await engine.database.query<{ jobId: string }>(
      `select job_id as "jobId" from schedule_slot where schedule_id = $1 and outcome = 'STARTED'`,
      [id],
    )) as [{ jobId: string }];
    expect((await inputOf(jobId))?.dataArtifactId).toBe(again.artifactId);
  });

  it('pauses all the same when something else was lost for good', async () => {
    const pool = await aPool();
    await pool.put('day.csv');
    const template = { dataPoolFile: { dataPoolId: pool.id, name: 'day.csv', fileId: null } };
    const id = await due(await definition(template));
    const { version, ports } = engine;
    const lost = { ...version, organizationId: randomUUID() };
    await ports.transact((tx) => tx.references.keepServiceVersion({ ...lost, seq: version.seq + 1 }));
    await run(at(0));
    expect([await told(id), await paused(id)]).toEqual([['REFUSED REFERENCE_UNKNOWN'], 'ACCESS_LOST']);
    await ports.transact((tx) => tx.references.keepServiceVersion({ ...version, seq: version.seq + 2 }));
  });

  it('writes to a pool by the rights of its user and of maintainers, not by those of teams', async () => {
    const team = randomUUID();
    const member = { ...engine.user, teams: [team] };
    const pool = await aPool({ dataReaders: [team], dataWriters: [team] });
    const id = await definition({ resultPool: { dataPoolId: pool.id, name: '{jobId}' } });
    const scheduleId = await due(id);
    await run(at(0));
    expect(await told(scheduleId)).toEqual(['REFUSED FORBIDDEN']);
    // Whoever is there says what he is.
    const now = await runScheduleNow(engine.ports, checks, member, 'c', scheduleId);
    expect(codesOf(now)).toEqual([]);
    await pool.say({ dataReaders: [engine.user.id], dataWriters: [engine.user.id] });
    await run(at(1));
    expect((await told(scheduleId)).filter((one) => one === 'STARTED')).toHaveLength(2);
  });
});
