import type { RequestContext } from '@weft/subgraph';
import type { DocumentDesk } from '../application/ports.js';
import type { Provenance } from './provenance.js';

/** What every resolver of the registry gets. */
export interface RegistryContext extends RequestContext {
  /** Provenance as the request's actor may see it. */
  readonly provenance: Provenance;
  /** For PROV documents that are given. */
  readonly documents: DocumentDesk;
}
