// Which files belong into the crate of a run, and under which paths. Pure; their bytes are others'.
import type { CrateData } from '@weft/lineage-formats';
import type { KnownNode } from './exported-lineage.js';
import { itemOfRole, ROLES } from './finished-job.js';
import { codeOf, inputsOf, iriOf, type RunPart, type RunStory } from './run-story.js';

/** Where its bytes are: execution's, or a value or a log of a job. */
export type CrateSource =
  | { readonly from: 'ARTIFACT'; readonly artifactId: string }
  | {
      readonly from: 'VALUE';
      readonly jobId: string;
      readonly which: 'data' | 'params' | 'result';
      readonly item?: number;
    }
  | { readonly from: 'LOG'; readonly jobId: string };

/** A file that belongs into a crate. */
export interface Belonging {
  /** The same for the same content: it is in the crate once, whichever steps used or made it. */
  readonly key: string;
  readonly source: CrateSource;
  readonly folder: string;
  /** How it is called where nobody gave it a name. */
  readonly name: string;
  /** Of its content, as far as it is known. */
  readonly sha256?: string;
}

/** What became of it: it lies in the crate, or does not, for a reason that is told there. */
export type Held =
  | {
      readonly path: string;
      readonly name?: string;
      readonly originalName?: string;
      readonly mediaType?: string;
      readonly bytes?: number;
      readonly sha256?: string;
    }
  | { readonly missing: string };
export type Holding = ReadonlyMap<string, Held>;

export const NOT_HELD =
  'Not in this crate: it is not stored any more, or not open to all members of the organization.';

/** What a job used or made goes by what the job knew; a dataset that was made by hand by the file that it holds. */
export function keyOf({ facts: { artifactId, sha256 }, file }: KnownNode): string | undefined {
  if (artifactId !== undefined) return `artifact/${artifactId}`;
  if (sha256 !== undefined) return `value/${sha256}`;
  return file && `artifact/${file.artifactId}`;
}

export const contentOf = ({ facts, file }: KnownNode) => ({
  sha256: facts.sha256 ?? file?.sha256,
  bytes: facts.bytes ?? file?.bytes,
});

export const logKeyOf = (activity: KnownNode): string => `log/${activity.facts.jobId ?? activity.id}`;

/** The file of the code, where it is of the same organization: what others publish is theirs to hand on. */
export function codeFileOf(story: RunStory): Belonging | undefined {
  const code = codeOf(story);
  if (code === undefined || code.organizationId !== story.activity.organizationId) return undefined;
  const { codeArtifactId: artifactId, sha256 } = code.facts;
  if (artifactId === undefined) return undefined;
  const key = `artifact/${artifactId}`;
  return {
    key,
    source: { from: 'ARTIFACT', artifactId },
    folder: 'code',
    name: code.name,
    ...(sha256 && { sha256 }),
  };
}

/** All that belongs to a run, each once. @param folder of the run in the crate, with its `/`; empty: it is the crate. */
export function belongingsOf(story: RunStory, folder = ''): Belonging[] {
  const { activity, made } = story;
  const { jobId } = activity.facts;
  const found = new Map<string, Belonging>();
  const add = (belonging: Belonging): void => {
    if (!found.has(belonging.key)) found.set(belonging.key, belonging);
  };
  const part = ({ node, role }: RunPart, side: 'inputs' | 'results'): void => {
    const key = keyOf(node);
    const source = sourceOf(node, role, jobId);
    if (key === undefined || source === undefined) return;
    const { sha256 } = contentOf(node);
    const name = source.from === 'VALUE' ? nameOf(source) : node.name;
    const place = role === ROLES.code ? 'code' : side;
    add({ key, source, folder: folder + place, name, ...(sha256 === undefined ? {} : { sha256 }) });
  };
  for (const one of inputsOf(story)) part(one, 'inputs');
  for (const one of made) part(one, 'results');
  const code = codeFileOf(story);
  if (code !== undefined) add({ ...code, folder: folder + code.folder });
  if (jobId !== undefined)
    add({
      key: logKeyOf(activity),
      source: { from: 'LOG', jobId },
      folder: `${folder}logs`,
      name: 'log.txt',
    });
  return [...found.values()];
}

function sourceOf(
  { facts, file }: KnownNode,
  role: string,
  jobId: string | undefined,
): CrateSource | undefined {
  const { artifactId, itemIndex } = facts;
  if (artifactId !== undefined) return { from: 'ARTIFACT', artifactId };
  if (jobId === undefined) return file && { from: 'ARTIFACT', artifactId: file.artifactId };
  if (role === ROLES.data || role === ROLES.params) return { from: 'VALUE', jobId, which: role };
  const item = itemOfRole(role);
  if (item !== undefined) return { from: 'VALUE', jobId, which: 'params', item };
  const isResult = role === ROLES.result || role === ROLES.carried;
  return isResult && itemIndex !== undefined
    ? { from: 'VALUE', jobId, which: 'result', item: itemIndex }
    : undefined;
}

const nameOf = ({ which, item }: Extract<CrateSource, { from: 'VALUE' }>): string =>
  item === undefined ? `${which}.json` : `${which}-${item}.json`;

/** A part of a run as its crate tells of it. */
export function dataOf({ node, role }: RunPart, pidBase: string, holding: Holding): CrateData {
  const held = holding.get(keyOf(node) ?? '');
  const { sha256, bytes } = contentOf(node);
  const known = {
    name: node.name,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(bytes === undefined ? {} : { bytes }),
  };
  if (held === undefined || 'missing' in held)
    return {
      kind: 'REFERENCE',
      iri: iriOf(node, pidBase),
      ...known,
      ...(held === undefined ? {} : { description: held.missing }),
    };
  const slot = slotOf(role);
  return { kind: 'FILE', ...known, ...held, ...(slot !== undefined && { slot }) };
}

/** What an item brought is one parameter for all of them, with a value for each. */
function slotOf(role: string): string | undefined {
  if (role === ROLES.data || role === ROLES.params) return role;
  return itemOfRole(role) === undefined ? undefined : ROLES.items;
}

/** Where there are more files than a crate may have, params of single items stay outside: their hashes are told all the same. */
export const fewEnough = (belongings: readonly Belonging[], most: number): readonly Belonging[] =>
  belongings.length <= most
    ? belongings
    : belongings.filter(
        ({ source }) => source.from !== 'VALUE' || source.which !== 'params' || source.item === undefined,
      );
