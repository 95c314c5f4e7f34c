// One field of a cron expression: `*`, numbers, names, ranges, steps and lists of them.

export interface FieldRules {
  /** As it is called in messages. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names in place of numbers; the first stands for `firstName`. */
  readonly names?: readonly string[];
  readonly firstName?: number;
}

export const MINUTE: FieldRules = { name: 'minute', min: 0, max: 59 };
export const HOUR: FieldRules = { name: 'hour', min: 0, max: 23 };
export const DAY_OF_MONTH: FieldRules = { name: 'day of month', min: 1, max: 31 };
export const MONTH: FieldRules = {
  name: 'month',
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  firstName: 1,
};
/** 7 is Sunday once more, so that a range may end with it. */
export const DAY_OF_WEEK: FieldRules = {
  name: 'day of week',
  min: 0,
  max: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
  firstName: 0,
};

/** What is wrong with a field, for people. */
export class CronFieldError extends Error {
  constructor(
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}

/** The values that a field names, ascending, each once. */
export function parseField(text: string, rules: FieldRules): number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    for (const value of parsePart(part, text, rules)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function parsePart(part: string, text: string, rules: FieldRules): number[] {
  const refuse = (reason: string): never => {
    throw new CronFieldError(rules.name, reason);
  };
  if (part === '') return refuse(`"${text}" has an empty place in its list.`);
  const [range, stepText, ...more] = part.split('/') as [string, ...string[]];
  if (more.length > 0) return refuse(`"${part}" has more than one step.`);
  const [fromText, toText, ...rest] = range.split('-') as [string, ...string[]];
  if (rest.length > 0) return refuse(`"${range}" is not a range; write it as first-last.`);
  if (fromText === '' || toText === '')
    return refuse(`"${part.slice(0, 20)}" is neither a number nor a range; write a range as first-last.`);
  const everything = range === '*';
  const from = everything ? rules.min : parseValue(fromText, rules);
  let to = everything ? lastOf(rules) : toText === undefined ? from : parseValue(toText, rules);
  if (rules === DAY_OF_WEEK && to === 0 && from > 0) to = 7;
  if (to < from)
    return refuse(`the range "${range}" ends before it begins; write it as two, separated by a comma.`);
  if (stepText === undefined) return stepped(from, to, 1);
  if (!everything && toText === undefined)
    return refuse(
      `the step of "${part}" needs a range or *; write ${fromText}-${lastOf(rules)}/${stepText}.`,
    );
  const step = /^\d{1,3}$/.test(stepText) ? Number(stepText) : 0;
  if (step < 1 || step > rules.max)
    return refuse(`"${stepText}" is not a step; it is a number from 1 to ${rules.max}.`);
  return stepped(from, to, step);
}

const lastOf = (rules: FieldRules): number => (rules === DAY_OF_WEEK ? 6 : rules.max);

const stepped = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

function parseValue(text: string, rules: FieldRules): number {
  if (/^\d{1,2}$/.test(text)) {
    const value = Number(text);
    if (value >= rules.min && value <= rules.max) return value;
    throw new CronFieldError(rules.name, `${text} is not from ${rules.min} to ${rules.max}.`);
  }
  const named = rules.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + (rules.firstName ?? 0);
  const names = rules.names === undefined ? '' : ` or ${rules.names[0]} to ${rules.names.at(-1)}`;
  throw new CronFieldError(
    rules.name,
    `"${text.slice(0, 20)}" is not a number from ${rules.min} to ${rules.max}${names}.`,
  );
}
