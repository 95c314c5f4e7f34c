// A run that has ended - a job, or a model run that somebody registered - and a workflow of jobs, as exports tell of them.
import type { KnownNode } from './exported-lineage.js';
import { ROLES } from './finished-job.js';
import { RUN_ROLES } from './model-run.js';
import type { Outcome } from './node.js';
import { iriOfId, iriOfPid } from './node-iri.js';

/** Ends of one relation of a run. */
export interface RunPart {
  readonly role: string;
  readonly node: KnownNode;
}

/** A run, as far as its reader may read of it. */
export interface RunStory {
  readonly activity: KnownNode;
  readonly used: readonly RunPart[];
  readonly made: readonly RunPart[];
  readonly agents: readonly RunPart[];
  /** The job that it retried. */
  readonly earlier: KnownNode | undefined;
  /** The jobs that it waited for. */
  readonly needs: readonly KnownNode[];
}

/** The steps of a workflow that have ended, in the order in which they began. */
export interface WorkflowStory {
  readonly workflowId: string;
  readonly steps: readonly RunStory[];
}

type Used = Pick<RunStory, 'activity' | 'used'>;

/** Its slots are called as templates call them, so roles of jobs mean nothing there. */
const isModelRun = ({ subtype }: KnownNode): boolean => subtype === 'MODEL_RUN';

/** A service, or else a command; the file of a command is beside it. Of a model run the model. */
export function codeOf({ activity, used }: Used): KnownNode | undefined {
  if (isModelRun(activity)) return registeredPart(used, RUN_ROLES.model, 'MODEL');
  const code = used.filter(({ role }) => role === ROLES.code).map(({ node }) => node);
  return code.find(({ facts }) => facts.artifactId === undefined) ?? code[0];
}

/** What a model run followed. */
export const templateOf = ({ activity, used }: Used): KnownNode | undefined =>
  isModelRun(activity) ? registeredPart(used, RUN_ROLES.template, 'MODEL_RUN_WORKFLOW_TEMPLATE') : undefined;

/** By subtype too, for a slot may have the same name. */
const registeredPart = (used: readonly RunPart[], as: string, subtype: KnownNode['subtype']) =>
  used.find(({ role, node }) => role === as && node.subtype === subtype)?.node;

const PLACES: ReadonlySet<string> = new Set([ROLES.environment, ROLES.failedEnvironment, ROLES.definition]);

/** What it worked on, the file of a command among it; not the code itself, nor what it ran in or followed. */
export function inputsOf(story: Used): RunPart[] {
  const { activity, used } = story;
  const [code, template] = [codeOf(story), templateOf(story)];
  const isPlace = (role: string): boolean => !isModelRun(activity) && PLACES.has(role);
  return used.filter(({ role, node }) => !isPlace(role) && node !== code && node !== template);
}

/** Who submitted the job, or ran the model. */
export const runnerOf = ({ activity, agents }: Pick<RunStory, 'activity' | 'agents'>) => {
  const runner = isModelRun(activity) ? RUN_ROLES.modeller : ROLES.submitter;
  return agents.find(({ role }) => role === runner)?.node;
};

/** Model runs that came to nothing are not registered. */
export const outcomeOf = (activity: KnownNode): Outcome =>
  activity.facts.outcome ?? (isModelRun(activity) ? 'SUCCEEDED' : 'CANCELLED');

/** Of a job as the platform saw it, of a model run as it was registered. */
export const timesOf = ({ facts, during }: KnownNode) => ({
  startedAt: facts.startedAt ?? during.start ?? undefined,
  endedAt: facts.endedAt ?? during.end ?? undefined,
});

export const iriOf = ({ id, pid }: KnownNode, pidBase: string): string =>
  pid === null ? iriOfId(id) : iriOfPid(pid, pidBase);
