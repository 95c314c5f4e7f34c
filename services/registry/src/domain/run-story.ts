// A job that has ended, and a workflow of such, as exports tell of them.
import type { KnownNode } from './exported-lineage.js';
import { ROLES } from './finished-job.js';
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

/** A service, or else a command; the file of a command is beside it. */
export const codeOf = (used: readonly RunPart[]): KnownNode | undefined => {
  const code = used.filter(({ role }) => role === ROLES.code).map(({ node }) => node);
  return code.find(({ facts }) => facts.artifactId === undefined) ?? code[0];
};

const PLACES: ReadonlySet<string> = new Set([ROLES.environment, ROLES.failedEnvironment, ROLES.definition]);

/** What it worked on, the file of a command among it; not the code itself, nor what it ran in. */
export const inputsOf = (used: readonly RunPart[]): RunPart[] =>
  used.filter(({ role, node }) => !PLACES.has(role) && node !== codeOf(used));

export const iriOf = ({ id, pid }: KnownNode, pidBase: string): string =>
  pid === null ? iriOfId(id) : iriOfPid(pid, pidBase);
