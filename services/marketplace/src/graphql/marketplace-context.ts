import type { RequestContext } from '@weft/subgraph';
import type { Reads } from '../application/reads.js';
import type { UseCases } from '../application/use-cases.js';
import type { Loaders } from './loaders.js';

/** What a resolver here has at hand. */
export interface MarketplaceContext extends RequestContext {
  readonly useCases: UseCases;
  readonly reads: Reads;
  readonly loaders: Loaders;
}
