// What a zone does to a clock on the wall: stretches of time with one offset each, and the changes between them.
import { done, refused, userError, type Outcome } from '@weft/errors';
import { Temporal } from 'temporal-polyfill';

export interface TimeZone {
  /** As the IANA database writes it. */
  readonly id: string;
  /** The stretch of one offset that holds this instant. */
  stretchAt(instant: number): Stretch;
}

/** From one change of the offset to the next; milliseconds since 1970. */
export interface Stretch {
  /** Inclusive; `-Infinity` before the first change. */
  readonly start: number;
  /** Exclusive; `Infinity` after the last change. */
  readonly end: number;
  /** What the wall shows minus UTC. */
  readonly offset: number;
}

/** `Area/City` and the like; `+02:00` is an offset, not a zone. */
const NAME = /^[A-Za-z][\w+-]*(\/[\w+-]+){0,2}$/;
const MAX_KNOWN = 1_000;
const known = new Map<string, TimeZone>();

/** @param path where the name stands in the input. */
export function parseTimeZone(name: string, ...path: string[]): Outcome<TimeZone> {
  const zone = zoneOf(name.trim());
  if (zone !== undefined) return done(zone);
  const message = `"${name.slice(0, 50)}" is not a time zone of the IANA database, such as Europe/Paris or UTC.`;
  return refused(userError('BAD_USER_INPUT', message, ...path));
}

function zoneOf(name: string): TimeZone | undefined {
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  if (name.length > 64 || !NAME.test(name)) return undefined;
  try {
    const { timeZoneId } = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    const zone = createZone(timeZoneId);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, zone);
    return zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Stretches once found are kept: there are two a year where there are any. */
function createZone(id: string): TimeZone {
  const stretches: Stretch[] = [];
  return {
    id,
    stretchAt(instant) {
      const found = stretches.find(({ start, end }) => start <= instant && instant < end);
      if (found !== undefined) return found;
      const stretch = findStretch(id, instant);
      if (stretches.length >= MAX_STRETCHES) stretches.shift();
      stretches.push(stretch);
      return stretch;
    },
  };
}

const MAX_STRETCHES = 64;

function findStretch(id: string, instant: number): Stretch {
  const at = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(id);
  // The change before the next millisecond is the one at this instant, where there is one.
  const start = at.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const end = at.getTimeZoneTransition('next');
  return {
    start: start?.epochMilliseconds ?? -Infinity,
    end: end?.epochMilliseconds ?? Infinity,
    offset: at.offsetNanoseconds / 1_000_000,
  };
}
