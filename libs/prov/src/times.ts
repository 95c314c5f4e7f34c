const DATE_TIME = /^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** A time of `xsd:dateTime`; one without an offset is taken for UTC and says so. Undefined where it is none. */
export function readTime(text: string): string | undefined {
  const [whole, offset] = DATE_TIME.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const time = offset === undefined ? `${text}Z` : text;
  return Number.isNaN(Date.parse(time)) ? undefined : time;
}

/** The same instant in one writing; digits below the millisecond are kept. */
export function instantOf(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  const below = withoutLastZeros(fraction.slice(3));
  return `${new Date(time).toISOString().slice(0, -1)}${below}`;
}

/** In one pass, however many zeros stand before another digit. */
export function withoutLastZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
