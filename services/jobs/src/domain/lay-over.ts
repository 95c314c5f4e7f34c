const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own params laid over shared ones: objects are merged by key, anything else replaces. */
export const layOverValue = (base: unknown, own: unknown): unknown =>
  isObject(base) && isObject(own) ? { ...base, ...own } : own;
