import type { Actor, ActorIssuer } from '@weft/identity';

/** Who an operation is done for, towards the subgraphs. */
export interface Caller {
  readonly actor: Actor | undefined;
  /** The value of `Authorization` for one upstream request; undefined where the gateway runs without identity. */
  authorization(): Promise<string | undefined>;
}

/** Used by GATEWAY_AUTH=off, and for operations that reach no subgraph. */
export const nobody: Caller = { actor: undefined, authorization: () => Promise.resolve(undefined) };

const REUSE_MS = 20_000;

/** A caller that signs its actor; a signature is reused for at most 20 s of its 60 s. */
export function signingCaller(actor: Actor, issuer: ActorIssuer): Caller {
  let signed: { readonly value: Promise<string>; readonly at: number } | undefined;
  return {
    actor,
    authorization() {
      const now = performance.now();
      if (signed === undefined || now - signed.at > REUSE_MS) {
        signed = { value: issuer.sign(actor).then((token) => `Bearer ${token}`), at: now };
      }
      return signed.value;
    },
  };
}
