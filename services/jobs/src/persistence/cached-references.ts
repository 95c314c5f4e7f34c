// The copies of other services' things as this process last read them: a submission and a claim look at the same few
// again and again. What is not known yet is never remembered, so that waiting for it ends with its coming.
import type { Queryable } from '@weft/database';
import type { ReferenceReader } from '../application/ports.js';
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
  const targets = createCache<KnownTarget>();
  const versions = createCache<KnownServiceVersion>();

  const target: ReferenceReader['target'] = async (id) => {
    const known = targets.get(id) ?? (await stored.target(id));
    if (known !== undefined) targets.set(id, known);
    return known;
  };
  const serviceVersions: ReferenceReader['serviceVersions'] = async (ids) => {
    const found = new Map(ids.flatMap((id) => pair(id, versions.get(id))));
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length > 0)
      for (const [id, version] of await stored.serviceVersions(missing)) {
        versions.set(id, version);
        found.set(id, version);
      }
    return found;
  };
  return {
    target,
    serviceVersions,
    async find(serviceVersionId, targetId, artifacts) {
      const cached = artifacts.dataArtifactId === null && artifacts.codeArtifactId === null;
      if (!cached) return stored.find(serviceVersionId, targetId, artifacts);
      return {
        dataArtifact: null,
        codeArtifact: null,
        serviceVersion:
          serviceVersionId === null
            ? null
            : (await serviceVersions([serviceVersionId])).get(serviceVersionId),
        target: await target(targetId),
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

function createCache<T>() {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(id: string): T | undefined {
      const entry = entries.get(id);
      return entry !== undefined && entry.until > performance.now() ? entry.value : undefined;
    },
    set(id: string, value: T): void {
      if (entries.size >= MOST) entries.clear();
      if (this.get(id) === undefined) entries.set(id, { value, until: performance.now() + FRESH_MS });
    },
    clear: () => entries.clear(),
  };
}
