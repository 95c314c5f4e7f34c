// QUBO from the outside, independent of the example service: reading, energy, the optimum by enumeration.
export interface Qubo {
  readonly n: number;
  readonly terms: readonly (readonly [i: number, j: number, weight: number])[];
}

export function readQubo(text: string): Qubo {
  const terms: [number, number, number][] = [];
  let n = 0;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('c')) continue;
    const fields = line.trim().split(/\s+/);
    if (fields[0] === 'p') n = Number(fields[3]);
    else terms.push([Number(fields[0]), Number(fields[1]), Number(fields[2])]);
  }
  return { n, terms };
}

/** Sum of the listed terms at x, a string of 0 and 1. */
export const valueAt = ({ terms }: Qubo, x: string): number =>
  terms.reduce((sum, [i, j, weight]) => sum + (x[i] === '1' && x[j] === '1' ? weight : 0), 0);

/** A dense random instance from a seed (mulberry32). */
export function randomQubo(n: number, seed: number): Qubo {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const terms: [number, number, number][] = [];
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) terms.push([i, j, Math.floor(random() * 201) - 100]);
  return { n, terms };
}

/** The maximum over all 2^n points, by Gray code. */
export function enumerateMaximum({ n, terms }: Qubo): number {
  const weight = Array.from({ length: n }, () => new Float64Array(n));
  for (const [i, j, value] of terms) {
    (weight[i] as Float64Array)[j] = ((weight[i] as Float64Array)[j] as number) + value;
    if (i !== j) (weight[j] as Float64Array)[i] = ((weight[j] as Float64Array)[i] as number) + value;
  }
  const x = new Uint8Array(n);
  let value = 0;
  let best = 0;
  for (let step = 1; step < 2 ** n; step++) {
    const k = Math.log2(step & -step);
    const row = weight[k] as Float64Array;
    let gain = row[k] as number;
    for (let j = 0; j < n; j++) if (j !== k && x[j] === 1) gain += row[j] as number;
    value += x[k] === 1 ? -gain : gain;
    x[k] = x[k] === 1 ? 0 : 1;
    if (value > best) best = value;
  }
  return best;
}
