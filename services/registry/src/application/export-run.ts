import type { KnownEdge, KnownNode } from '../domain/exported-lineage.js';
import { listedCrate, type RunCrate } from '../domain/run-crate.js';
import { eventsOf } from '../domain/run-events.js';
import type { RunPart, RunStory, WorkflowStory } from '../domain/run-story.js';
import type { ExportPorts } from './export-provenance.js';
import { lineageReach } from './lineage-reach.js';
import type { Viewer } from './ports.js';

/** What a run used and made at most; the nearest are told. */
const MOST_PARTS = 5_000;

type RunPorts = Pick<ExportPorts, 'lineage' | 'graph' | 'pidBase'>;

export type RunAsked = { readonly jobId: string } | { readonly activityId: string };

/** A run as events of OpenLineage; null: none that the viewer may see has ended under this id. */
export const runEvents =
  (ports: RunPorts) =>
  async (viewer: Viewer, asked: RunAsked): Promise<object[] | null> => {
    const story = await storyOf(ports, viewer, asked);
    return story === undefined ? null : eventsOf(story, ports.pidBase);
  };

/** A run as an RO-Crate: what stands in it, and which files belong into it. */
export const runCrate =
  (ports: RunPorts) =>
  async (viewer: Viewer, asked: RunAsked, licence: string | null): Promise<RunCrate | null> => {
    const story = await storyOf(ports, viewer, asked);
    return story === undefined ? null : listedCrate(story, { pidBase: ports.pidBase, licence });
  };

type StoryPorts = Pick<RunPorts, 'lineage' | 'graph'>;

/** A run that has ended; undefined: none that the viewer may see has under this id. */
export async function storyOf(
  ports: StoryPorts,
  viewer: Viewer,
  asked: RunAsked,
): Promise<RunStory | undefined> {
  const start = await ports.graph.activityOf(viewer, asked);
  return start === undefined ? undefined : storyFrom(ports, viewer, start);
}

/** The steps of a workflow that have ended; undefined: the viewer may see none. */
export async function workflowOf(
  ports: StoryPorts,
  viewer: Viewer,
  workflowId: string,
): Promise<WorkflowStory | undefined> {
  const steps: RunStory[] = [];
  for (const key of await ports.graph.stepsOf(viewer, workflowId)) {
    const story = await storyFrom(ports, viewer, key);
    if (story !== undefined) steps.push(story);
  }
  // One that never began stands where it ended. A step begins after those that it needs have ended.
  const placeOf = ({ activity: { facts } }: RunStory): string => facts.startedAt ?? facts.endedAt ?? '';
  steps.sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : placeOf(one) > placeOf(other) ? 1 : 0));
  return steps.length === 0 ? undefined : { workflowId, steps };
}

async function storyFrom(
  { lineage, graph }: StoryPorts,
  viewer: Viewer,
  start: number,
): Promise<RunStory | undefined> {
  const { keys } = await lineageReach(lineage, viewer, start, 'BOTH', 1, MOST_PARTS);
  const found = await graph.nodes(viewer, keys);
  const datasets = found.filter(({ subtype }) => subtype === 'DATASET').map(({ key }) => key);
  const files = await graph.files(viewer, datasets);
  const nodes = new Map(
    found.map((node): [number, KnownNode] => {
      const file = files.get(node.key);
      return [node.key, file === undefined ? node : { ...node, file }];
    }),
  );
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
  const before = parts('WAS_INFORMED_BY', 'from').map(({ node }) => node);
  const isEarlier = ({ facts }: KnownNode): boolean =>
    facts.jobId !== undefined && facts.jobId === activity.facts.retryOf;
  return {
    activity,
    used: parts('USED', 'from'),
    made: parts('WAS_GENERATED_BY', 'to'),
    agents: parts('WAS_ASSOCIATED_WITH', 'from'),
    earlier: before.find(isEarlier),
    needs: before.filter((node) => !isEarlier(node)),
  };
}
