// A second way to say when something runs, written for being obviously right: it walks through the minutes one by one and
// looks at a clock that Intl shows. The tests of domain/schedule compare with it.

export interface WatchedStretch {
  readonly from: number;
  readonly offset: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Offsets from `from` to `until` as Intl shows them: looked at once a day, each change found to the minute. */
export function watchZone(zone: string, from: number, until: number): WatchedStretch[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsetAt = (instant: number): number => {
    const shown = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(instant));
    if (shown === null) throw new Error(`no offset in ${format.format(instant)}`);
    const minutes = Number(shown[2] ?? 0) * 60 + Number(shown[3] ?? 0);
    return (shown[1] === '-' ? -minutes : minutes) * MINUTE;
  };
  const stretches: WatchedStretch[] = [{ from, offset: offsetAt(from) }];
  for (let day = from; day < until; day += DAY) {
    const before = offsetAt(day);
    const after = offsetAt(day + DAY);
    if (before === after) continue;
    let [low, high] = [day, day + DAY];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    stretches.push({ from: high, offset: after });
  }
  return stretches;
}

/** What an expression names, field by field; `undefined` is `*`. */
export interface Named {
  readonly minutes: readonly number[] | undefined;
  readonly hours: readonly number[] | undefined;
  readonly days: readonly number[] | undefined;
  readonly months: readonly number[] | undefined;
  readonly weekdays: readonly number[] | undefined;
}

function names({ minutes, hours, days, months, weekdays }: Named, wall: number): boolean {
  const shown = new Date(wall);
  const fits = (field: readonly number[] | undefined, value: number): boolean =>
    field?.includes(value) ?? true;
  if (!fits(minutes, shown.getUTCMinutes()) || !fits(hours, shown.getUTCHours())) return false;
  if (!fits(months, shown.getUTCMonth() + 1)) return false;
  const [day, weekday] = [fits(days, shown.getUTCDate()), fits(weekdays, shown.getUTCDay())];
  return days !== undefined && weekdays !== undefined ? day || weekday : day && weekday;
}

/** Every planned time in [from, until), minute by minute. */
export function slowPlannedTimes(
  named: Named,
  stretches: readonly WatchedStretch[],
  from: number,
  until: number,
): number[] {
  const times: number[] = [];
  // Two days earlier, so that what the wall has shown before `from` is known.
  let instant = Math.ceil(from / MINUTE) * MINUTE - 2 * DAY;
  let at = stretches.findLastIndex((one) => one.from <= instant);
  if (at < 0) throw new Error('outside of what was watched');
  let latest = instant + (stretches[at] as WatchedStretch).offset - MINUTE;
  for (; instant < until; instant += MINUTE) {
    while ((stretches[at + 1]?.from ?? Infinity) <= instant) at++;
    const wall = instant + (stretches[at] as WatchedStretch).offset;
    let runs = false;
    if (named.hours === undefined) runs = names(named, wall);
    // What the wall shows now for the first time, and what it has leapt over.
    else for (let shown = latest + MINUTE; shown <= wall; shown += MINUTE) runs ||= names(named, shown);
    latest = Math.max(latest, wall);
    if (runs && instant >= from) times.push(instant);
  }
  return times;
}
