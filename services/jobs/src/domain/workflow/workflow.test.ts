import { isFinalJobState, type JobState } from '@weft/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSteps, stepsToRetry, type FailurePolicy, type StepNow } from './workflow.js';

const ENDS = ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
type End = (typeof ENDS)[number];

interface Run {
  readonly policy: FailurePolicy;
  readonly needs: readonly (readonly number[])[];
  /** How each step would end if it ran. */
  readonly ends: readonly End[];
  /** Which of those under way ends next. */
  readonly picks: readonly number[];
}

/** Any order of places: a step may need later ones. */
const runs: fc.Arbitrary<Run> = fc.integer({ min: 1, max: 14 }).chain((size) =>
  fc.record({
    policy: fc.constantFrom<FailurePolicy>('STOP', 'CONTINUE'),
    ends: fc.array(fc.constantFrom(...ENDS, 'SUCCEEDED' as const), { minLength: size, maxLength: size }),
    picks: fc.array(fc.nat(), { minLength: size, maxLength: size }),
    needs: fc
      .tuple(
        fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
        fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: size, maxLength: size }),
      )
      .map(([places, wanted]) => {
        const needs: number[][] = places.map(() => []);
        for (const [at, place] of places.entries())
          needs[place] =
            at === 0 ? [] : [...new Set((wanted[at] as number[]).map((one) => places[one % at] as number))];
        return needs;
      }),
  }),
);

class Simulation {
  readonly states: JobState[];
  readonly waits: boolean[];
  readonly started: number[] = [];
  constructor(readonly run: Run) {
    this.states = run.needs.map(() => 'PENDING');
    this.waits = run.needs.map((needs) => needs.length > 0);
    run.needs.forEach((needs, at) => needs.length === 0 && this.started.push(at));
  }

  get steps(): StepNow[] {
    return this.run.needs.map((needs, index) => ({
      index,
      needs,
      state: this.states[index] as JobState,
      waits: this.waits[index] === true && this.states[index] === 'PENDING',
    }));
  }

  decide(): void {
    const { released, failed } = decideSteps(this.run.policy, this.steps);
    for (const { index } of failed) this.states[index] = 'FAILED';
    for (const index of released) {
      const { needs, policy } = { ...this.run, needs: this.run.needs[index] as number[] };
      for (const need of needs) {
        const state = this.states[need] as JobState;
        expect(policy === 'STOP' ? state === 'SUCCEEDED' : isFinalJobState(state)).toBe(true);
      }
      this.waits[index] = false;
      this.started.push(index);
    }
  }

  play(ends: readonly End[] = this.run.ends): void {
    for (let n = 0; ; n += 1) {
      this.decide();
      const open = this.started.filter((index) => !isFinalJobState(this.states[index] as JobState));
      const next = open[(this.run.picks[n % this.run.picks.length] as number) % open.length];
      if (next === undefined) return;
      this.states[next] = ends[next] as End;
    }
  }
}

const dependsOn = ({ needs }: Run, index: number, on: (index: number) => boolean): boolean =>
  (needs[index] as number[]).some((need) => on(need) || dependsOn({ needs } as Run, need, on));

describe('a workflow', () => {
  it('ends in every step, whatever its shape and whatever becomes of its steps', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const simulation = new Simulation(run);
        simulation.play();
        const broken = (index: number): boolean => run.ends[index] !== 'SUCCEEDED';
        run.needs.forEach((_, index) => {
          const stopped = run.policy === 'STOP' && dependsOn(run, index, broken);
          expect(simulation.states[index]).toBe(stopped ? 'FAILED' : run.ends[index]);
          expect(simulation.started.includes(index)).toBe(!stopped);
        });
        expect(simulation.started).toHaveLength(new Set(simulation.started).size);
      }),
    );
  });

  it('is whole after a retry that succeeds', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const simulation = new Simulation(run);
        simulation.play();
        const before = [...simulation.states];
        const { ended: again, underWay } = stepsToRetry(simulation.steps);
        expect(underWay).toEqual([]);
        const failed = (index: number): boolean => before[index] !== 'SUCCEEDED';
        run.needs.forEach((_, index) =>
          expect(again.includes(index)).toBe(failed(index) || dependsOn(run, index, failed)),
        );
        for (const index of again) {
          simulation.states[index] = 'PENDING';
          simulation.waits[index] = true;
        }
        simulation.play(run.ends.map(() => 'SUCCEEDED'));
        expect(new Set(simulation.states)).toEqual(new Set(['SUCCEEDED']));
      }),
    );
  });

  it('fails what needs a deleted step, and lets it run where failures do not matter', () => {
    const steps: StepNow[] = [
      { index: 0, needs: [], state: null, waits: false },
      { index: 1, needs: [0], state: 'PENDING', waits: true },
      { index: 2, needs: [1], state: 'PENDING', waits: true },
    ];
    expect(decideSteps('STOP', steps)).toEqual({
      released: [],
      failed: [
        { index: 1, need: 0 },
        { index: 2, need: 1 },
      ],
    });
    expect(decideSteps('CONTINUE', steps)).toEqual({ released: [1], failed: [] });
  });
});
