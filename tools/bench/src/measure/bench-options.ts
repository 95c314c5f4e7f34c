// What may be said behind the name of a bench: `npm run bench engine -- --seconds 60 --rounds 1`.

export interface BenchOptions {
  /** How long each measurement takes; each bench knows its own default. */
  readonly seconds?: number;
  readonly rounds?: number;
  /** How many jobs there are before it begins. */
  readonly jobs?: number;
}

const NUMBERS = ['seconds', 'rounds', 'jobs'] as const;

/** Throws on what is no option, or no positive number. */
export function readOptions(given: readonly string[]): {
  names: string[];
  json: boolean;
  options: BenchOptions;
} {
  const names: string[] = [];
  const options: { -readonly [Name in keyof BenchOptions]: BenchOptions[Name] } = {};
  let json = false;
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? '';
    const number = NUMBERS.find((name) => word === `--${name}`);
    if (word === '--json') json = true;
    else if (number !== undefined) {
      const value = Number(given[(at += 1)]);
      if (!(value > 0)) throw new Error(`${word} takes a positive number.`);
      options[number] = value;
    } else if (word.startsWith('--')) throw new Error(`There is no option ${word}.`);
    else names.push(word);
  }
  return { names, json, options };
}
