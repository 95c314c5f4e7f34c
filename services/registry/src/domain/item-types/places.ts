// Finds values within metadata of any shape; what is not there is not found.
export interface Place {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The value at a path, own properties only. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string, unknown>)[step];
  }
  return here;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** All places that a pattern such as `/inputs/*\/datasetId` means in this value. */
export function placesOf(value: unknown, pattern: string): Place[] {
  let places: Place[] = [{ path: [], value }];
  for (const step of pattern.split('/').slice(1)) {
    places = places.flatMap((place) =>
      step === '*' ? entriesOf(place) : entriesOf(place, step).slice(0, 1),
    );
  }
  return places;
}

function entriesOf({ path, value }: Place, only?: string): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  if (only !== undefined)
    return Object.hasOwn(value, only) ? [{ path: [...path, only], value: at(value, only) }] : [];
  return Array.isArray(value) ? value.map((entry, n) => ({ path: [...path, `${n}`], value: entry })) : [];
}
