import type { JobChanged, JobState } from '@weft/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hearJobsChanged } from './hear-jobs-changed.js';
import type { AttemptNews, JobNews } from './ports.js';

const STATES: readonly JobState[] = ['PENDING', 'IN_PROGRESS', 'CANCELLING', 'SUCCEEDED'];

const fact = fc
  .record({
    jobId: fc.constantFrom('a', 'b'),
    seq: fc.integer({ min: 1, max: 4 }),
    attempts: fc.uniqueArray(fc.integer({ min: 1, max: 3 })),
  })
  .map(
    // The same seq says the same, as in life.
    ({ jobId, seq, attempts }) =>
      ({
        jobId,
        seq,
        state: STATES[seq - 1],
        inputs: { artifactIds: [] },
        transitions: [{ seq }],
        attempts: attempts.map((number) => ({
          number,
          outcome: seq === 4 ? 'SUCCEEDED' : 'RUNNING',
          endedAt: null,
        })),
      }) as unknown as JobChanged,
  );

/** The tables: what is newer is kept. */
function tables() {
  const jobs = new Map<string, { seq: number; state: string }>();
  const attempts = new Map<string, AttemptNews>();
  let statements = 0;
  const news: JobNews = {
    keep(toldJobs, toldAttempts) {
      statements += 1;
      for (const { id, seq, state } of toldJobs)
        if ((jobs.get(id)?.seq ?? 0) < seq) jobs.set(id, { seq, state });
      for (const one of toldAttempts) {
        const key = `${one.jobId}:${one.number}`;
        if ((attempts.get(key)?.seq ?? 0) < one.seq) attempts.set(key, one);
      }
      // ON CONFLICT DO UPDATE refuses a statement that names a row twice.
      expect(new Set(toldJobs.map(({ id }) => id)).size).toBe(toldJobs.length);
      expect(new Set(toldAttempts.map((one) => `${one.jobId}:${one.number}`)).size).toBe(toldAttempts.length);
      return Promise.resolve();
    },
    keepServiceCode: () => Promise.resolve(),
  };
  return { jobs, attempts, news, statements: () => statements };
}

const bell = () => {
  const rung = new Set<string>();
  return { rung, ring: (jobId: string) => void rung.add(jobId), listen: () => () => undefined };
};

test('news leaves the same behind in whatever batches, order and repetition it comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fact, { minLength: 1, maxLength: 12 }).chain((facts) =>
        fc.record({
          facts: fc.constant(facts),
          again: fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length }),
          cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 24, maxLength: 24 }),
        }),
      ),
      async ({ facts, again, cuts }) => {
        const [one, other] = [tables(), tables()];
        const [first, second] = [bell(), bell()];
        for (const told of facts) await hearJobsChanged({ news: one.news, bell: first }, [told]);
        const rest = [...again, ...facts];
        for (const size of cuts) {
          const batch = rest.splice(0, size);
          if (batch.length > 0) await hearJobsChanged({ news: other.news, bell: second }, batch);
        }
        if (rest.length > 0) await hearJobsChanged({ news: other.news, bell: second }, rest);
        expect(other.jobs).toEqual(one.jobs);
        expect(other.attempts).toEqual(one.attempts);
        expect(second.rung).toEqual(first.rung);
      },
    ),
  );
});

test('a batch is one statement', async () => {
  const { news, statements } = tables();
  await hearJobsChanged({ news, bell: bell() }, fc.sample(fact, 50));
  expect(statements()).toBe(1);
});
