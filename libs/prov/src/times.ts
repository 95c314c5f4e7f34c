// Times of `xsd:dateTime` (XML Schema 1.1, part 2): offsets up to 14 hours, years before 0 and after 9999, and 24:00:00, which
// is the first moment of the next day. Years have at most nine digits here.
const DATE_TIME =
  /^(-?(?:[1-9]\d{4,8}|\d{4}))-(0[1-9]|1[0-2])-(\d{2})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d|24:00:00(?!\.0*[1-9]))(?:\.(\d+))?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?$/;

/** How often the calendar repeats itself, in years. */
const CYCLE = 400;

interface Parts {
  readonly year: number;
  readonly month: string;
  readonly day: string;
  readonly clock: string;
  readonly fraction: string;
  readonly offset: string | undefined;
}

function partsOf(text: string): Parts | undefined {
  const [, year, month = '', day = '', clock = '', fraction = '', offset] = DATE_TIME.exec(text) ?? [];
  if (year === undefined) return undefined;
  const parts = { year: Number(year), month, day, clock, fraction, offset };
  const lastDay = new Date(Date.UTC(likeYear(parts.year), Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= lastDay ? parts : undefined;
}

/** A year with the same calendar, between 2000 and 2399. */
const likeYear = (year: number): number => 2000 + (((year % CYCLE) + CYCLE) % CYCLE);

/** A time of `xsd:dateTime`; one without an offset is taken for UTC and says so. Undefined where it is none. */
export function readTime(text: string): string | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  return parts.offset === undefined ? `${text}Z` : text;
}

/** The same instant in one writing; digits below the millisecond are kept. @param time as {@link readTime} gives it. */
export function instantOf(time: string): string {
  const parts = partsOf(time);
  if (parts === undefined) throw new RangeError(`"${time}" is no xsd:dateTime`);
  const { year, month, day, clock, fraction, offset } = parts;
  const like = likeYear(year);
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const inUtc = new Date(`${like}-${month}-${day}T${clock}.${milliseconds}${offset ?? 'Z'}`);
  const utcYear = year - like + inUtc.getUTCFullYear();
  const written = `${utcYear < 0 ? '-' : ''}${String(Math.abs(utcYear)).padStart(4, '0')}`;
  // What follows the four digits of the like year.
  return `${written}${inUtc.toISOString().slice(4, -1)}${withoutLastZeros(fraction.slice(3))}`;
}

/** In one pass, however many zeros stand before another digit. */
export function withoutLastZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
