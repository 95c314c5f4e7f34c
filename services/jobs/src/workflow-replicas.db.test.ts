// Random workflows on two replicas that work, release and die at the same time. Whatever dies whenever: every step ends
// as the shape of the workflow says, none runs twice, and none before what it needs.
import type { JobState } from '@weft/contracts';
import fc from 'fast-check';
import { checking } from './testing/checks.js';
import { beforeAll, expect, it } from 'vitest';
import { keepWorkflows } from './application/keep-workflows.js';
import { retryWorkflow } from './application/retry-workflow.js';
import type { FailurePolicy } from './domain/workflow/workflow.js';
import { aTarget, startEngine, type Engine } from './testing/engine.js';
import { disagreements } from './testing/engine-tables.js';
import { Killed, mortal, noDeath, type Death } from './testing/mortal.js';
import {
  FAILS,
  groupOf,
  jobsOf,
  statesOf,
  submit,
  workOff,
  workOnce,
  type Outcomes,
  type Sketch,
} from './testing/workflows.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ timing: { leaseMs: 60_000, startLeaseMs: 60_000 } });
  const { limits } = aTarget();
  await engine.ports.transact((tx) =>
    tx.references.keepTarget(aTarget({ seq: 2, limits: { ...limits, concurrentAttempts: 1_000 } })),
  );
});

interface Plan {
  readonly onFailure: FailurePolicy;
  readonly needs: readonly (readonly number[])[];
  readonly fails: readonly boolean[];
  readonly deaths: readonly Death[];
}

const plans: fc.Arbitrary<Plan> = fc.integer({ min: 2, max: 12 }).chain((size) =>
  fc.record({
    onFailure: fc.constantFrom<FailurePolicy>('STOP', 'CONTINUE'),
    needs: fc
      .array(fc.uniqueArray(fc.nat(), { maxLength: 3 }), { minLength: size, maxLength: size })
      .map((all) => all.map((some, at) => (at === 0 ? [] : [...new Set(some.map((one) => one % at))]))),
    fails: fc.array(
      fc.nat(4).map((n) => n === 0),
      { minLength: size, maxLength: size },
    ),
    deaths: fc.array(
      fc.record({
        when: fc.constantFrom('before' as const, 'after' as const),
        write: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  }),
);

const nameOf = (index: number): string => `s${index}`;

/** A replica that dies after some writes is followed by the next; the last one lives. */
async function keepThroughDeaths(deaths: readonly Death[], busy: () => boolean): Promise<void> {
  const dying = [...deaths];
  let replica = engine.replica();
  while (busy()) {
    const death = dying.pop() ?? noDeath();
    replica = engine.replica({ through: (database) => mortal({ ...death }, database) });
    try {
      while (busy()) {
        await keepWorkflows(replica.ports, checking);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

it('ends every step as its shape says, on two replicas that die now and then', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ onFailure, needs, fails, deaths }) => {
      const sketches: Record<string, Sketch> = {};
      const outcomes: Record<string, unknown> = {};
      needs.forEach((some, index) => {
        const params = JSON.stringify(some.map((need) => ({ $from: nameOf(need) })));
        sketches[nameOf(index)] = { needs: some.map(nameOf), params };
        outcomes[nameOf(index)] = fails[index] === true ? FAILS : { made: index };
      });
      const id = await submit(engine, sketches, { onFailure });

      let open = true;
      const keepers = [deaths.slice(0, 3), deaths.slice(3)].map((some) =>
        keepThroughDeaths(some, () => open),
      );
      const workers = [engine.replica(), engine.replica()].map(async (replica) => {
        while (open) await workOnce(replica, outcomes as Outcomes);
      });
      for (let looks = 0; ; looks += 1) {
        const { PENDING, IN_PROGRESS, DEQUEUED } = (await groupOf(engine, id)).counts;
        if (PENDING + IN_PROGRESS + DEQUEUED === 0) break;
        if (looks > 2_000) throw new Error(JSON.stringify(await statesOf(engine, id)));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      open = false;
      await Promise.all([...keepers, ...workers]);

      const broken = (index: number): boolean =>
        fails[index] === true || (onFailure === 'STOP' && (needs[index] as number[]).some(broken));
      const jobs = await jobsOf(engine, id);
      for (const [index, some] of needs.entries()) {
        const job = jobs[nameOf(index)];
        expect(job?.state).toBe<JobState>(broken(index) ? 'FAILED' : 'SUCCEEDED');
        const stopped = onFailure === 'STOP' && some.some(broken);
        expect(job?.attempts).toBe(stopped ? 0 : 1);
        for (const need of stopped ? [] : some) {
          const needed = jobs[nameOf(need)];
          expect(job!.startedAt! >= needed!.endedAt!).toBe(true);
        }
        if (stopped) continue;
        const [input] = await engine.reader.inputs([job!.id]);
        expect(input?.params).toEqual(some.map((need) => (fails[need] === true ? null : { made: need })));
      }
      expect(await disagreements(engine)).toEqual([]);

      if (!needs.some((_, index) => broken(index))) return;
      expect((await retryWorkflow(engine.ports, engine.user, 'c', id)).ok).toBe(true);
      await workOff(engine.replica());
      expect(new Set(Object.values(await statesOf(engine, id)))).toEqual(new Set(['SUCCEEDED']));
      expect(await disagreements(engine)).toEqual([]);
    }),
    { numRuns: 25 },
  );
}, 120_000);
