import { composeServices } from '@apollo/composition';
import { AppError } from '@weft/errors';
import { describedAtHome, type Homes } from './homes.js';

export interface SubgraphSdl {
  readonly name: string;
  readonly sdl: string;
}

/** Where the supergraph says a subgraph is. No port is true everywhere, so that SUBGRAPH_URLS must name it. */
const neutralUrl = (name: string): string => `http://127.0.0.1:0/${name}`;

/** One graph out of the subgraphs' SDLs; throws with everything that does not fit at once. */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[], homes: Homes = {}): string {
  const services = describedAtHome(subgraphs, homes).map((one) => ({ ...one, url: neutralUrl(one.name) }));
  const { supergraphSdl, errors, hints } = composeServices(services);
  if (supergraphSdl === undefined) throw refusal((errors ?? []).map((error) => error.message));
  const disputed = hints
    .filter((hint) => hint.definition.code === 'INCONSISTENT_DESCRIPTION')
    .map((hint) => hint.message);
  if (disputed.length > 0) throw refusal(disputed);
  return `${supergraphSdl.trimEnd()}\n`;
}

const refusal = (problems: readonly string[]): AppError =>
  new AppError('CONFLICT', `The subgraphs do not compose:\n${problems.join('\n')}`, { problems });
