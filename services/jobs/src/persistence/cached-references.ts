// The copies of other services' things as this process last read them: a submission and a claim look at the same few
// again and again. What is not known yet is never remembered, so that waiting for it ends with its coming.
import type { Queryable } from '@weft/database';
import type { ReferenceReader } from '../application/reference-ports.js';
import type { KnownServiceVersion, KnownTarget } from '../domain/references.js';
import { createReferenceStore } from './reference-store.js';

/** How old a copy may be here; another replica may have learned of something newer. */
const FRESH_MS = 1_000;
const MOST = 1_000;

export interface CachedReferences extends ReferenceReader {
  /** Something newer was learned here. */
  clear(): void;
}

export function createCachedReferences(database: Queryable): CachedReferences {
  const stored = createReferenceStore(database);
  const targets = createCache<KnownTarget>(async (ids) => {
    const found = await Promise.all(ids.map((id) => stored.target(id)));
    return new Map(ids.flatMap((id, index) => pair(id, found[index])));
  });
  const versions = createCache<KnownServiceVersion>((ids) => stored.serviceVersions(ids));

  const target: ReferenceReader['target'] = async (id) => (await targets.get([id])).get(id);
  const serviceVersions: ReferenceReader['serviceVersions'] = (ids) => versions.get(ids);
  return {
    target,
    serviceVersions,
    poolFile: (organizationId, file) => stored.poolFile(organizationId, file),
    pool: (principals, dataPoolId) => stored.pool(principals, dataPoolId),
    async find(serviceVersionId, targetId, artifacts) {
      const cached = artifacts.dataArtifactId === null && artifacts.codeArtifactId === null;
      if (!cached) return stored.find(serviceVersionId, targetId, artifacts);
      const [found, knownTarget] = await Promise.all([
        serviceVersions(serviceVersionId === null ? [] : [serviceVersionId]),
        target(targetId),
      ]);
      return {
        dataArtifact: null,
        codeArtifact: null,
        serviceVersion: serviceVersionId === null ? null : found.get(serviceVersionId),
        target: knownTarget,
      };
    },
    clear() {
      targets.clear();
      versions.clear();
    },
  };
}

const pair = <T>(id: string, value: T | undefined): [string, T][] =>
  value === undefined ? [] : [[id, value]];

/** Whoever asks for what is being read already waits for that. */
function createCache<T>(load: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) {
  const entries = new Map<string, { readonly value: Promise<T | undefined>; until: number }>();
  const read = (ids: readonly string[]): void => {
    if (entries.size + ids.length > MOST) entries.clear();
    const loading = load(ids);
    for (const id of ids) {
      const entry = { value: loading.then((found) => found.get(id)), until: Infinity };
      entries.set(id, entry);
      const forget = (): void => {
        if (entries.get(id) === entry) entries.delete(id);
      };
      entry.value.then((value) => {
        entry.until = performance.now() + FRESH_MS;
        if (value === undefined) forget();
      }, forget);
    }
  };
  return {
    async get(ids: readonly string[]): Promise<Map<string, T>> {
      const missing = ids.filter((id) => (entries.get(id)?.until ?? 0) <= performance.now());
      if (missing.length > 0) read([...new Set(missing)]);
      const known = ids.map((id) => [id, entries.get(id)?.value] as const);
      const values = await Promise.all(known.map(([, value]) => value));
      return new Map(known.flatMap(([id], index) => pair(id, values[index])));
    },
    clear: () => entries.clear(),
  };
}
