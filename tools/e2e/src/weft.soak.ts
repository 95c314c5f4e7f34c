// Full lengths and long load: default leases and windows, a bounded rate, parts killed at random in the first and the last
// third, and in the quiet third between them memory and dead rows that stay flat. SOAK_MINUTES (30), SOAK_RATE (jobs a
// second, 20), SOAK_KILL_SECONDS (30).
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@weft/testkit';
import { afterAll, expect, it } from 'vitest';
import { closeClients, graphClient, type GraphClient } from './testing/client.js';
import { pidsOf, trendsOf, watchFigures } from './testing/soak-figures.js';
import { expectSoundHistory, jobsDatabase } from './testing/sound-history.js';
import { startWeft, type Weft } from './testing/weft.js';
import { publishService, submitJob } from './testing/work.js';

const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const MINUTES = setting('SOAK_MINUTES', 30);
const RATE = setting('SOAK_RATE', 20);
const KILL_SECONDS = setting('SOAK_KILL_SECONDS', 30);
const SAMPLE_MS = 2_000;
const MOST_UNANSWERED = 200;
/** One in so many runs code in the sandbox; the others measure everything else. */
const SANDBOXED = 20;
const SLEEPER = `export const run = async (data) => { await new Promise((r) => setTimeout(r, data.ms)); return 'slept ' + data.ms; };`;
/** A dead worker's job runs again in less than this. */
const REST_MS = 120_000;
/** Below this a trend is the warming up of a process, or the pause between two vacuums. */
const NOTEWORTHY = { MB: 24, 'dead rows': 20_000 } as const;
const GROWTH = 1.25;

afterAll(closeClients);

it(
  `holds for ${MINUTES} minutes`,
  async () => {
    const weft = await startWeft({ env: { WEFT_BENCH: '1', WORKER_TARGETS: 'local-process,local-noop' } });
    const client = graphClient(weft.url, weft.token);
    const serviceVersionId = await publishService(client, 'sleeper.mjs', SLEEPER);
    const began = performance.now();
    const minute = (): number => (performance.now() - began) / 60_000;
    const over = new AbortController();
    const figures = watchFigures(weft.run, () => jobsDatabase(weft), minute);
    const load = offerLoad(client, serviceVersionId, over.signal);
    const kills: string[] = [];
    const quiet = [MINUTES / 3, (MINUTES * 2) / 3] as const;

    let killAt = KILL_SECONDS / 60;
    while (minute() < MINUTES) {
      await sleep(SAMPLE_MS);
      // The database may be the part that is being started again.
      await figures.sample().catch(() => undefined);
      const calm = minute() > quiet[0] && minute() < quiet[1];
      if (minute() < killAt || calm) continue;
      killAt = minute() + (KILL_SECONDS / 60) * (0.5 + Math.random());
      kills.push(killOne(weft));
    }
    over.abort();
    const { accepted, offered, failures } = await load;

    await eventually('every job to be final', () => everyJobIsFinal(weft), REST_MS);
    await expectSoundHistory(weft);
    const attempts = await attemptsOf(weft);
    const trends = trendsOf(figures.series(), ...quiet);
    report([
      `${MINUTES} min, ${offered} jobs offered, ${accepted.size} accepted, ${failures} questions repeated, ${kills.length} kills: ${kills.join(' ')}`,
      `attempts: ${attempts.map(({ outcome, n }) => `${outcome} ${n}`).join(', ')}`,
      `between minute ${quiet[0].toFixed(1)} and ${quiet[1].toFixed(1)}:`,
      ...trends.map(
        ({ what, unit, samples, from, to, perMinute }) =>
          `  ${what.padEnd(24)} ${from.toFixed(0)} -> ${to.toFixed(0)} ${unit}, ${perMinute.toFixed(2)} a minute (${samples} samples)`,
      ),
    ]);
    expect(accepted.size).toBe(offered);
    expect(await lostOf(weft, accepted)).toBe(0);
    for (const { what, unit, from, to } of trends)
      expect(to, what).toBeLessThan(from * GROWTH + NOTEWORTHY[unit as keyof typeof NOTEWORTHY]);
    expect(trends.length).toBeGreaterThan(10);
  },
  (MINUTES + 6) * 60_000,
);

/** Submits at the rate, and asks again under the same key until each is answered. */
async function offerLoad(client: GraphClient, serviceVersionId: string, over: AbortSignal) {
  const accepted = new Set<string>();
  const unanswered = new Set<Promise<void>>();
  let [offered, failures] = [0, 0];
  const offer = async (number: number): Promise<void> => {
    const what =
      number % SANDBOXED === 0
        ? { serviceVersionId, targetId: 'local-process', data: { ms: randomInt(2_000) } }
        : { serviceVersionId, targetId: 'local-noop', data: { ms: 0 } };
    for (;;) {
      try {
        accepted.add(await submitJob(client, { ...what, idempotencyKey: `soak ${number}` }));
        return;
      } catch {
        failures += 1;
        await sleep(250);
      }
    }
  };
  while (!over.aborted) {
    await sleep(1_000 / RATE);
    if (unanswered.size >= MOST_UNANSWERED) continue;
    const asked = offer((offered += 1)).finally(() => unanswered.delete(asked));
    unanswered.add(asked);
  }
  await Promise.all(unanswered);
  return { accepted, offered, failures };
}

function killOne(weft: Weft): string {
  const parts = Object.entries(pidsOf(weft.run()));
  const [name, pid] = parts[randomInt(parts.length)] ?? [];
  if (name === undefined || pid === undefined) return 'nothing';
  try {
    process.kill(pid, 'SIGKILL');
    return name;
  } catch {
    return `${name}, which was gone`;
  }
}

async function asked<T extends object>(weft: Weft, query: string, values: unknown[] = []): Promise<T[]> {
  const database = await jobsDatabase(weft);
  try {
    return (await database.query<T>(query, values)).rows;
  } finally {
    await database.end();
  }
}

const everyJobIsFinal = async (weft: Weft): Promise<boolean> =>
  (await asked(weft, `select from job where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED') limit 1`))
    .length === 0;

const attemptsOf = (weft: Weft) =>
  asked<{ outcome: string; n: number }>(
    weft,
    'select outcome, count(*)::int as n from attempt group by 1 order by 1',
  );

/** Accepted jobs that are not there, or did not succeed. */
const lostOf = async (weft: Weft, accepted: ReadonlySet<string>): Promise<number> => {
  const [row] = await asked<{ n: number }>(
    weft,
    `select count(*)::int as n from unnest($1::uuid[]) as told(id) left join job j on j.id = told.id
      where j.state is distinct from 'SUCCEEDED'`,
    [[...accepted]],
  );
  return row?.n ?? accepted.size;
};

const report = (lines: readonly string[]): void => {
  process.stdout.write(`\nsoak: ${lines.join('\n')}\n`);
};
