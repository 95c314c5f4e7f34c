import type { Actor } from '@weft/identity';

/** What every resolver may know about the request it serves. Services add their loaders and use cases. */
export interface RequestContext {
  readonly actor: Actor;
  readonly correlationId: string;
}
