import type { KnownEdge, KnownNode } from '../domain/exported-lineage.js';
import { crateOf, eventsOf, type RunCrate, type RunPart, type RunStory } from '../domain/run-story.js';
import type { ExportPorts } from './export-provenance.js';
import { lineageReach } from './lineage-reach.js';
import type { Viewer } from './ports.js';

/** What a run used and made at most; the nearest are told. */
const MOST_PARTS = 5_000;

type RunPorts = Pick<ExportPorts, 'lineage' | 'graph' | 'pidBase'>;

export type RunAsked = { readonly jobId: string } | { readonly activityId: string };

/** A run as events of OpenLineage; null: no job that the viewer may see has ended under this id. */
export const runEvents =
  (ports: RunPorts) =>
  async (viewer: Viewer, asked: RunAsked): Promise<object[] | null> => {
    const story = await storyOf(ports, viewer, asked);
    return story === undefined ? null : eventsOf(story, ports.pidBase);
  };

/** A run as an RO-Crate: what stands in it, and which files belong into it. */
export const runCrate =
  (ports: RunPorts) =>
  async (viewer: Viewer, jobId: string, licence: string | null): Promise<RunCrate | null> => {
    const story = await storyOf(ports, viewer, { jobId });
    return story === undefined ? null : crateOf(story, ports.pidBase, licence);
  };

async function storyOf(
  { lineage, graph }: RunPorts,
  viewer: Viewer,
  asked: RunAsked,
): Promise<RunStory | undefined> {
  const start = await graph.activityOf(viewer, asked);
  if (start === undefined) return undefined;
  const { keys } = await lineageReach(lineage, viewer, start, 'BOTH', 1, MOST_PARTS);
  const nodes = new Map((await graph.nodes(viewer, keys)).map((node) => [node.key, node]));
  const edges = await graph.edges([...nodes.keys()], 4 * MOST_PARTS);
  const activity = nodes.get(start);
  if (activity === undefined) return undefined;
  const parts = (relation: KnownEdge['relation'], from: 'from' | 'to'): RunPart[] =>
    edges
      .filter((edge) => edge.relation === relation && edge[from] === start)
      .map((edge) => ({
        role: edge.role,
        node: nodes.get(from === 'from' ? edge.to : edge.from) as KnownNode,
      }));
  return {
    activity,
    used: parts('USED', 'from'),
    made: parts('WAS_GENERATED_BY', 'to'),
    agents: parts('WAS_ASSOCIATED_WITH', 'from'),
    earlier: parts('WAS_INFORMED_BY', 'from')
      .map(({ node }) => node)
      .find(({ facts }) => facts.jobId !== undefined && facts.jobId === activity.facts.retryOf),
  };
}
