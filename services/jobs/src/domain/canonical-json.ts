/** The same text for equal JSON values, in whatever order their keys came. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, withSortedKeys) ?? 'null';

const withSortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : value;
