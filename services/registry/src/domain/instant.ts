// Times that people tell: as RFC 3339 has them, and such that a clock can have shown them. Leap seconds are none of these, for
// no time that is computed with has them.
const INSTANT =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

export function isInstant(text: string): boolean {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  if (year === undefined || Number(day) < 1 || Number(day) > lastDayOf(Number(year), Number(month)))
    return false;
  // Its offset may lead out of the years that have four digits.
  const inUtc = new Date(text).getUTCFullYear();
  return inUtc >= 0 && inUtc <= 9999;
}

/** Of a month from 1 on. The calendar repeats itself every 400 years, and takes years below 100 for others. */
const lastDayOf = (year: number, month: number): number =>
  new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
