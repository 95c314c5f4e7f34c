import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

interface Problem {
  readonly n: number;
  readonly terms: readonly (readonly [number, number, number])[];
}
interface Solution {
  readonly best: number;
  readonly x: string;
  readonly n: number;
  readonly iterations: number;
}
type Run = (data: unknown, params: unknown, context?: unknown) => Promise<Solution>;

const here = fileURLToPath(new URL('./', import.meta.url));
const text = (name: string): string => readFileSync(`${here}${name}`, 'utf8');
const { run } = (await import(new URL('./qubo.mjs', import.meta.url).href)) as { run: Run };

/** Reads the terms on its own, so that a fault in the service's reader cannot hide. */
const termsOf = (qubo: string): Problem['terms'] =>
  qubo
    .split('\n')
    .filter((line) => /^\s*\d/.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);

const valueAt = (terms: Problem['terms'], x: string): number =>
  terms.reduce((sum, [i, j, weight]) => sum + (x[i] === '1' && x[j] === '1' ? weight : 0), 0);

/** A small linear congruential generator: the instance is the same on every machine. */
function randomProblem(n: number, seed: number): Problem {
  let state = seed;
  const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648);
  const terms: [number, number, number][] = [];
  for (let i = 0; i < n; i += 1)
    for (let j = i; j < n; j += 1) if (next() % 3 > 0) terms.push([i, j, (next() % 201) - 100]);
  return { n, terms };
}

function optimumByEnumeration({ n, terms }: Problem): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let bits = 0; bits < 2 ** n; bits += 1) {
    let sum = 0;
    for (const [i, j, weight] of terms) if (((bits >> i) & (bits >> j) & 1) === 1) sum += weight;
    if (sum > best) best = sum;
  }
  return best;
}

describe('the JavaScript service', () => {
  test.each([
    ['bqp50_1.qubo', 2_098],
    ['bqp50_2.qubo', 3_702],
  ])('finds the best-known value of %s', async (name, bestKnown) => {
    const instance = text(`instances/${name}`);
    const solution = await run(instance, { seed: 7, timeMs: 15_000, iterations: 40_000 });
    expect(solution.best).toBe(bestKnown);
    expect(solution.x).toHaveLength(50);
    expect(valueAt(termsOf(instance), solution.x)).toBe(bestKnown);
  });

  test('finds the optimum of a random instance of 18 variables, in both senses', async () => {
    const problem = randomProblem(18, 42);
    const params = { seed: 3, timeMs: 10_000, iterations: 8_000 };
    const greatest = await run(problem, params);
    expect(greatest.best).toBe(optimumByEnumeration(problem));
    expect(valueAt(problem.terms, greatest.x)).toBe(greatest.best);
    const least = await run(problem, { ...params, sense: 'min' });
    const negated = { ...problem, terms: problem.terms.map(([i, j, weight]) => [i, j, -weight] as const) };
    expect(least.best).toBe(-optimumByEnumeration(negated));
  });

  test('is the same for the same seed, and ends with its time', async () => {
    const problem = randomProblem(40, 7);
    const params = { seed: 5, timeMs: 20_000, iterations: 3_000 };
    expect((await run(problem, params)).x).toBe((await run(problem, params)).x);
    const started = performance.now();
    expect((await run(problem, { timeMs: 100 })).iterations).toBeGreaterThan(100);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('notices a cancellation and reports progress', async () => {
    const controller = new AbortController();
    const fractions: number[] = [];
    const context = {
      signal: controller.signal,
      progress: (fraction: number) => {
        fractions.push(fraction);
        if (fractions.length === 3) controller.abort(new Error('stop'));
      },
    };
    await expect(run(randomProblem(18, 1), { timeMs: 60_000 }, context)).rejects.toThrow('stop');
    expect(fractions.every((one) => one >= 0 && one < 1)).toBe(true);
  });

  test.each([
    ['text without a problem line', '0 1 2\n', /no "p qubo/],
    ['a line that is no term', 'p qubo 0 2 0 1\n0 x 3\n', /line 2/],
    ['a term outside', { n: 2, terms: [[0, 2, 1]] }, /outside 0\.\.1/],
    ['something else', 17, /neither/],
  ])('refuses %s', async (_what, data, message) => {
    await expect(run(data, {})).rejects.toThrow(message);
  });
});

test('the schemas accept what the service accepts', () => {
  const ajv = new Ajv2020({ allowUnionTypes: true });
  const data = ajv.compile(JSON.parse(text('data.schema.json')));
  const params = ajv.compile(JSON.parse(text('params.schema.json')));
  expect(data(text('instances/bqp50_1.qubo'))).toBe(true);
  expect(data(randomProblem(18, 42))).toBe(true);
  expect(data({ n: 0, terms: [] })).toBe(false);
  expect(data('nothing')).toBe(false);
  expect([
    params({ seed: 1, timeMs: 5, sense: 'min' }),
    params(null),
    params({ sense: 'up' }),
    params({ sede: 1 }),
  ]).toEqual([true, true, false, false]);
});

const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find((path) => existsSync(path));
if (python === undefined)
  process.stderr.write('\n!!! No Python 3 here: the Python twin of the QUBO service is NOT tested.\n\n');

test.runIf(python !== undefined)('the Python twin finds the same solution', async () => {
  const instance = text('instances/bqp50_1.qubo');
  const params = { seed: 7, timeMs: 15_000, iterations: 3_000 };
  const script =
    'import json,sys; sys.path.insert(0, sys.argv[1]); import qubo; i = json.load(sys.stdin); r = qubo.run(i[0], i[1], None); print(); print(json.dumps(r))';
  const { stdout, stderr } = spawnSync(python as string, ['-B', '-c', script, here], {
    input: JSON.stringify([instance, params]),
    encoding: 'utf8',
  });
  const twin = JSON.parse(stdout.trim().split('\n').at(-1) ?? stderr) as Solution;
  const own = await run(instance, params);
  expect([twin.x, twin.best, twin.iterations]).toEqual([own.x, own.best, own.iterations]);
});

test("the tour's workflow takes something of the result that is there", async () => {
  const page = readFileSync(`${here}../../../README.md`, 'utf8');
  const [, variables = ''] = /here `(\{"solution".*\})`/.exec(page) ?? [];
  const { solution } = JSON.parse(variables) as { solution: { best: { path: string } } };
  const result = await run(randomProblem(8, 1), { timeMs: 20 });
  expect(Object.keys(result).map((key) => `/${key}`)).toContain(solution.best.path);
});
