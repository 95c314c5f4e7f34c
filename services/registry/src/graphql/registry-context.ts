import type { RequestContext } from '@weft/subgraph';
import type { Provenance } from './provenance.js';

/** What every resolver of the registry gets. */
export interface RegistryContext extends RequestContext {
  /** Provenance as the request's actor may see it. */
  readonly provenance: Provenance;
}
