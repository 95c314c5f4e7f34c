/**
 * Finds good (for small instances: the best) solutions of QUBO problems by tabu search.
 *
 *   data    the text of a .qubo file, or { n, terms: [[i, j, weight], …] } with 0 ≤ i, j < n; i = j is a linear term
 *   params  { seed = 1, timeMs = 2000, iterations = unlimited, sense = 'max' }
 *   result  { best, x, n, iterations, seed, timeToBestMs }: best is the sum of the terms at the bit string x
 *
 * The same seed and number of iterations give the same x, here and in the Python twin; a time limit that strikes first breaks that.
 */
export async function run(data, params, context) {
  const problem = typeof data === 'string' ? parseQubo(data) : checkProblem(data);
  const { seed = 1, timeMs = 2_000, iterations = Number.POSITIVE_INFINITY, sense = 'max' } = params ?? {};
  console.log(`${problem.n} variables, ${problem.terms.length} terms, seed ${seed}, sense ${sense}`);
  const result = await search(problem, { seed, timeMs, iterations, sign: sense === 'min' ? -1 : 1 }, context);
  console.log(
    `best ${result.best} after ${result.iterations} iterations, found at ${result.timeToBestMs} ms`,
  );
  return result;
}

/** qbsolv's format: `c` comments, `p qubo topology n diagonals couplers`, then `i j weight` lines, 0-based. */
function parseQubo(text) {
  let n;
  const terms = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '' || fields[0].startsWith('c') || fields[0].startsWith('#')) continue;
    if (fields[0] === 'p') n = Number(fields[3]);
    else terms.push([...fields.slice(0, 2).map(Number), Number(fields[2])]);
    if (fields[0] !== 'p' && (fields.length < 3 || terms.at(-1).some(Number.isNaN))) {
      throw new SyntaxError(`line ${index + 1} of the .qubo text is not "i j weight": ${line}`);
    }
  }
  if (n === undefined) throw new SyntaxError('the .qubo text has no "p qubo …" line');
  return checkProblem({ n, terms });
}

function checkProblem(problem) {
  const { n, terms } = problem ?? {};
  if (!Number.isInteger(n) || n < 1 || !Array.isArray(terms))
    throw new TypeError('data is neither .qubo text nor { n, terms }');
  for (const [i, j] of terms) {
    if (!(Number.isInteger(i) && Number.isInteger(j) && i >= 0 && j >= 0 && i < n && j < n)) {
      throw new RangeError(`the term [${i}, ${j}] is outside 0..${n - 1}`);
    }
  }
  return { n, terms };
}

/** mulberry32: small, seeded, the same in every language with 32-bit integers. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Linear weights and, per variable, its neighbours with the weight of the pair. */
function connect({ n, terms }, sign) {
  const linear = new Float64Array(n);
  const neighbours = Array.from({ length: n }, () => []);
  for (const [i, j, weight] of terms) {
    if (i === j) linear[i] += sign * weight;
    else {
      neighbours[i].push([j, sign * weight]);
      neighbours[j].push([i, sign * weight]);
    }
  }
  return { linear, neighbours };
}

const PAUSE_EVERY = 1_024;

async function search(problem, { seed, timeMs, iterations, sign }, context) {
  const { n } = problem;
  const { linear, neighbours } = connect(problem, sign);
  const random = randomNumbers(seed);
  const started = performance.now();
  const patience = Math.max(500, 20 * n);
  const shortTenure = Math.min(20, Math.floor(n / 4));

  const x = new Uint8Array(n);
  const gain = Float64Array.from(linear);
  const tabuUntil = new Float64Array(n);
  let value = 0;
  const flip = (i) => {
    value += gain[i];
    gain[i] = -gain[i];
    x[i] = 1 - x[i];
    const direction = x[i] === 1 ? 1 : -1;
    for (const [j, weight] of neighbours[i]) gain[j] += x[j] === 0 ? direction * weight : -direction * weight;
  };

  for (let i = 0; i < n; i += 1) if (random() < 0.5) flip(i);
  let best = { value, x: Uint8Array.from(x), at: 0 };
  let sinceBest = 0;
  let step = 0;

  while (step < iterations) {
    if (step % PAUSE_EVERY === 0) {
      const elapsed = performance.now() - started;
      if (elapsed >= timeMs) break;
      context?.progress?.(
        Math.min(0.99, Math.max(elapsed / timeMs, step / iterations)),
        `best ${sign * best.value}`,
      );
      await new Promise((resolve) => setImmediate(resolve));
      context?.signal?.throwIfAborted();
    }
    step += 1;

    let chosen = -1;
    for (let i = 0; i < n; i += 1) {
      if (tabuUntil[i] >= step && value + gain[i] <= best.value) continue;
      if (chosen === -1 || gain[i] > gain[chosen]) chosen = i;
    }
    if (chosen === -1) chosen = Math.floor(random() * n);
    flip(chosen);
    tabuUntil[chosen] = step + shortTenure + Math.floor(random() * 10);

    if (value > best.value) {
      best = { value, x: Uint8Array.from(x), at: performance.now() - started };
      sinceBest = 0;
      console.log(`step ${step}: ${sign * value}`);
    } else if ((sinceBest += 1) >= patience) {
      // Stuck: another start, either near the best or anywhere.
      const share = random() < 0.5 ? 0.2 : 0.5;
      for (let i = 0; i < n; i += 1) if ((x[i] !== best.x[i] && share < 0.5) !== random() < share) flip(i);
      sinceBest = 0;
    }
  }

  return {
    best: evaluate(problem, best.x),
    x: best.x.join(''),
    n,
    iterations: step,
    seed,
    timeToBestMs: Math.round(best.at),
  };
}

/** The sum of the terms at x, added up from the instance itself and not from the search's running value. */
function evaluate({ terms }, x) {
  let sum = 0;
  for (const [i, j, weight] of terms) if (x[i] === 1 && x[j] === 1) sum += weight;
  return sum;
}
