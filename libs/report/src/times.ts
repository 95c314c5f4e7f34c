const ISO = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,3})\d*)?(Z|[+-]\d{2}:\d{2})$/;

export interface ShownTime {
  /** For people: `2026-11-21 09:14:03 UTC+10:00`. What is no such time stands as it is. */
  readonly text: string;
  /** For programs, where it is one. */
  readonly iso?: string;
}

/** A time in the offset it was told in: a run of Brisbane is read by its own clock. */
export function shownTime(time: string): ShownTime {
  const [whole, date, clock, fraction, offset = ''] = ISO.exec(time) ?? [];
  if (whole === undefined || Number.isNaN(Date.parse(time))) return { text: time };
  const zone = offset === 'Z' || offset === '+00:00' ? 'UTC' : `UTC${offset}`;
  const precise = fraction === undefined ? clock : `${clock}.${fraction}`;
  return { text: `${date} ${clock} ${zone}`, iso: `${date}T${precise}${offset}` };
}
