// What is different between two JSON values, told by path.

export interface JsonDifference {
  /** As JSONPath, e.g. `$.circuits[0].shots`. */
  readonly path: string;
  /** `undefined` where there is none. */
  readonly a: unknown;
  readonly b: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const member = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

/** Depth first, in the order of the members' names, at most so many; values deeper than 100 levels count as one. */
export function compareJson(a: unknown, b: unknown, most: number, path = '$'): JsonDifference[] {
  const found: JsonDifference[] = [];
  const walk = (left: unknown, right: unknown, at: string, depth: number): void => {
    if (found.length >= most || Object.is(left, right)) return;
    if (depth < 100 && Array.isArray(left) && Array.isArray(right)) {
      const length = Math.max(left.length, right.length);
      for (let index = 0; index < length && found.length < most; index++)
        walk(left[index], right[index], `${at}[${index}]`, depth + 1);
      return;
    }
    if (depth < 100 && isObject(left) && isObject(right)) {
      const valueOf = (of: Readonly<Record<string, unknown>>, name: string): unknown =>
        Object.hasOwn(of, name) ? of[name] : undefined;
      for (const name of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
        if (found.length >= most) return;
        walk(valueOf(left, name), valueOf(right, name), at + member(name), depth + 1);
      }
      return;
    }
    if (JSON.stringify(left) !== JSON.stringify(right)) found.push({ path: at, a: left, b: right });
  };
  walk(a, b, path, 0);
  return found;
}
