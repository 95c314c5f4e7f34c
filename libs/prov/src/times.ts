const DATE_TIME = /^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** A time of `xsd:dateTime`; one without an offset is taken for UTC and says so. Undefined where it is none. */
export function readTime(text: string): string | undefined {
  const [whole, offset] = DATE_TIME.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const time = offset === undefined ? `${text}Z` : text;
  return Number.isNaN(Date.parse(time)) ? undefined : time;
}
