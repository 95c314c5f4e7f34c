// How the answers of several subgraphs about one object grow together, key by key.

export type DataObject = Record<string, unknown>;

export const isObject = (value: unknown): value is DataObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// A response name may be spelt like a member of Object.prototype.
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The value under a name of the response, never one that every object inherits. */
export const ownValue = (object: DataObject, name: string): unknown =>
  INHERITED.has(name) && !Object.hasOwn(object, name) ? undefined : object[name];

export function setOwn(object: DataObject, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}

/** Merges an answer into what is known, in place: the newer value wins, objects and lists of one length are joined. */
export function mergeInto(known: DataObject, answer: DataObject | null | undefined): void {
  if (answer === undefined || answer === null || answer === known) return;
  for (const name of Object.keys(answer)) {
    const value = answer[name];
    if (value === undefined) continue;
    const before = ownValue(known, name);
    if (isObject(value) && isObject(before)) mergeInto(before, value);
    else if (Array.isArray(value) && Array.isArray(before) && value.length === before.length)
      mergeLists(before, value);
    else setOwn(known, name, value);
  }
}

function mergeLists(known: unknown[], answer: readonly unknown[]): void {
  for (const [index, value] of answer.entries()) {
    const before = known[index];
    if (isObject(before) && isObject(value)) mergeInto(before, value);
    else known[index] = value;
  }
}
