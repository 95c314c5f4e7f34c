import { organizationIds, type Actor } from '@weft/identity';
import type { CrateReader } from '../application/crate-ports.js';
import type { RequestedArchive } from '../domain/crate-archive.js';
import { assertMayRead } from './provenance.js';

/** Archives of the organizations of the request's actor. */
export interface CrateReads {
  archive(id: string): Promise<RequestedArchive | null>;
}

export const crateReadsFor = (actor: Actor, reader: CrateReader): CrateReads => ({
  async archive(id) {
    assertMayRead(actor);
    return (await reader.archive(organizationIds(actor), id)) ?? null;
  },
});
