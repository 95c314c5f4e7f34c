// How nodes are called in documents that leave the registry, and what names in documents that come in mean here.
import { normalizeReference } from './item.js';

/** Of our terms: `weft:Dataset`, `weft:sha256`. */
export const VOCABULARY = 'urn:weft:terms#';

const PID_BASE = 'urn:weft:';
const UUID_BASE = 'urn:uuid:';
const RESOLVERS = /^https?:\/\/(?:dx\.)?(?:doi\.org|hdl\.handle\.net)\//i;

/** What stands before a pid: the address where it is resolved, if there is one. */
export const pidBaseOf = (resolverUrl: string | undefined): string =>
  resolverUrl === undefined ? PID_BASE : `${resolverUrl}/`;

export const iriOfPid = (pid: string, base: string): string => base + pid;
export const iriOfId = (id: string): string => UUID_BASE + id;
export const iriOfJob = (jobId: string): string => `${PID_BASE}job:${jobId}`;

/** The id or pid that an IRI may be; whether there is such a thing is for others to say. */
export function referenceOfIri(iri: string, base: string): string {
  for (const prefix of [base, PID_BASE, UUID_BASE])
    if (iri.startsWith(prefix)) return normalizeReference(iri.slice(prefix.length));
  return normalizeReference(iri.replace(RESOLVERS, ''));
}
