// Places in the response that a plan's path names: `@` stands for every entry of a list.
import { isObject, ownValue, type DataObject } from './merge.js';

export type PlanPath = readonly (string | number)[];

/** The objects at a path, nulls left out. */
export function objectsAt(data: DataObject, path: PlanPath): DataObject[] {
  const found: DataObject[] = [];
  collect(data, path, 0, found);
  return found;
}

function collect(value: unknown, path: PlanPath, depth: number, found: DataObject[]): void {
  if (value === undefined || value === null) return;
  const step = path[depth];
  if (step === '@') {
    if (!Array.isArray(value)) throw new Error(`A subgraph answered with no list at ${path.join('.')}`);
    for (const one of value) collect(one, path, depth + 1, found);
  } else if (Array.isArray(value)) {
    if (step !== undefined) throw new Error(`A subgraph answered with a list at ${path.join('.')}`);
    for (const one of value) collect(one, path, depth, found);
  } else if (isObject(value)) {
    if (step === undefined) found.push(value);
    else collect(ownValue(value, String(step)), path, depth + 1, found);
  }
}

/** The response paths of `objectsAt`, in the same order: only errors need them. */
export function pathsAt(data: DataObject, path: PlanPath): (string | number)[][] {
  const found: (string | number)[][] = [];
  const walk = (value: unknown, depth: number, above: readonly (string | number)[]): void => {
    if (value === undefined || value === null) return;
    const step = path[depth];
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries())
        walk(one, step === '@' ? depth + 1 : depth, [...above, index]);
    } else if (step === undefined) found.push([...above]);
    else if (isObject(value)) walk(ownValue(value, String(step)), depth + 1, [...above, String(step)]);
  };
  walk(data, 0, []);
  return found;
}
