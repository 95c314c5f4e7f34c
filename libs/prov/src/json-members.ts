// JSON allows an object to name a member twice, and readers keep the last one. In a document of PROV that would lose statements
// without a word, so it is looked for.
import { escaped } from './prov-json-values.js';

interface OpenObject {
  /** Where each member was named. */
  readonly members: Map<string, number>;
  name: string;
  awaitsName: boolean;
}

interface OpenArray {
  index: number;
}

export interface RepeatedMember {
  /** JSON Pointer. */
  readonly place: string;
  /** Line and column, from 1. */
  readonly first: string;
  readonly again: string;
}

/** The first member that its object names a second time. @param text valid JSON. */
export function repeatedMember(text: string): RepeatedMember | undefined {
  const open: (OpenObject | OpenArray)[] = [];
  for (let at = 0; at < text.length; at++) {
    const inside = open.at(-1);
    switch (text[at]) {
      case '{':
        open.push({ members: new Map(), name: '', awaitsName: true });
        break;
      case '[':
        open.push({ index: 0 });
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (inside === undefined) break;
        if ('index' in inside) inside.index += 1;
        else inside.awaitsName = true;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (inside !== undefined && 'members' in inside && inside.awaitsName) {
          // Two ways to write a name are one name.
          const name = JSON.parse(text.slice(at, end)) as string;
          const first = inside.members.get(name);
          Object.assign(inside, { name, awaitsName: false });
          if (first !== undefined)
            return { place: pointerTo(open), first: positionOf(text, first), again: positionOf(text, at) };
          inside.members.set(name, at);
        }
        at = end - 1;
        break;
      }
      default:
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const pointerTo = (open: readonly (OpenObject | OpenArray)[]): string =>
  open.map((one) => `/${'index' in one ? one.index : escaped(one.name)}`).join('');

function positionOf(text: string, at: number): string {
  const before = text.slice(0, at).split(/\r\n|\n|\r/);
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
