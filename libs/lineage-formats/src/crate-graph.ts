import { defined } from './defined.js';

export interface Reference {
  readonly '@id': string;
}

export interface Entity extends Reference {
  readonly '@type': string | readonly string[];
  readonly [property: string]: unknown;
}

/** The entities of a crate, each once; what several places say of one is put together. */
export class CrateGraph {
  readonly #entities = new Map<string, Entity>();

  add(entity: Entity): Reference {
    const id = entity['@id'];
    const known = this.#entities.get(id);
    this.#entities.set(id, known === undefined ? defined(entity) : merged(known, defined(entity)));
    return { '@id': id };
  }

  get entities(): Entity[] {
    return [...this.#entities.values()];
  }
}

/** Of what can stand several times all of it: types and references. Of texts the first that was told. */
function merged(known: Entity, told: Entity): Entity {
  const both: Record<string, unknown> = { ...told, ...known };
  for (const [property, value] of Object.entries(told)) {
    const before = known[property];
    const isText = property !== '@type' && typeof before !== 'object';
    if (before !== undefined && !isText) both[property] = oneOrMore([...listOf(before), ...listOf(value)]);
  }
  return both as Entity;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** A list of one is its only member, an empty one is nothing; equal values stand once. */
export function oneOrMore(values: readonly unknown[]): unknown {
  const distinct = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  return distinct.length > 1 ? distinct : distinct[0];
}
