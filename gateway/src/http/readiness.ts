import { request } from 'undici';
import type { SubgraphAddress } from '../federation/supergraph.js';

/** What the gateway lacks at the moment to serve every field, by name. */
export interface Readiness {
  missing(): Promise<readonly string[]>;
}

const PROBE_TIMEOUT_MS = 2_000;
const REMEMBER_MS = 250;

/** Asks `/readyz` of each subgraph; `strict` is for Weft's own, a foreign one only has to answer at all. */
export function createReadiness(subgraphs: readonly SubgraphAddress[], strict: boolean): Readiness {
  let last: { readonly answer: Promise<readonly string[]>; readonly at: number } | undefined;

  const probe = async ({ name, url }: SubgraphAddress): Promise<string[]> => {
    try {
      const { statusCode, body } = await request(new URL('/readyz', url), {
        headersTimeout: PROBE_TIMEOUT_MS,
        bodyTimeout: PROBE_TIMEOUT_MS,
        reset: true,
      });
      await body.dump();
      return strict && statusCode !== 200 ? [`subgraph ${name} (not ready)`] : [];
    } catch {
      return [`subgraph ${name} (unreachable)`];
    }
  };

  return {
    missing() {
      if (last === undefined || performance.now() - last.at > REMEMBER_MS) {
        last = {
          answer: Promise.all(subgraphs.map(probe)).then((lists) => lists.flat()),
          at: performance.now(),
        };
      }
      return last.answer;
    },
  };
}
