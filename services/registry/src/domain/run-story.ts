// A job that has ended as others tell of runs: OpenLineage events and a Workflow-Run RO-Crate. Pure.
import {
  openLineageEvents,
  roCrate,
  type CrateAction,
  type CrateData,
  type CrateFile,
  type DatasetUse,
  type OpenLineageEvent,
  type RoCrate,
  type RunHistory,
} from '@weft/lineage-formats';
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
}

/** A service, or else a command; the file of a command is beside it. */
const codeOf = (used: readonly RunPart[]): KnownNode | undefined => {
  const code = used.filter(({ role }) => role === ROLES.code).map(({ node }) => node);
  return code.find(({ facts }) => facts.artifactId === undefined) ?? code[0];
};

/** What it worked on, the file of a command among it; not the code itself, nor what it ran in. */
const inputsOf = (used: readonly RunPart[]): RunPart[] =>
  used.filter(({ role, node }) => role !== ROLES.environment && node !== codeOf(used));

/** Who tells it. */
const PRODUCER = 'urn:weft:registry';

export function eventsOf(story: RunStory, pidBase: string): OpenLineageEvent[] {
  const { activity, used, made, earlier } = story;
  const { jobId = activity.id, submittedAt, startedAt, endedAt, outcome } = activity.facts;
  const code = codeOf(used);
  const at = (state: RunHistory['transitions'][number]['state'], time: string | undefined) =>
    time === undefined ? [] : [{ state, at: new Date(time) }];
  return openLineageEvents({
    runId: jobId,
    job: {
      ...jobNameOf(activity),
      ...(code === undefined
        ? {}
        : { sourceCode: { type: 'weft', url: iriOf(code, pidBase), version: code.name } }),
    },
    producer: PRODUCER,
    transitions: [
      ...at('QUEUED', submittedAt),
      ...at('RUNNING', startedAt),
      ...at(outcome ?? 'CANCELLED', endedAt ?? activity.createdAt.toISOString()),
    ],
    inputs: inputsOf(used).map(datasetOf),
    outputs: made.map(datasetOf),
    ...(earlier?.facts.jobId === undefined
      ? {}
      : { retryOf: { runId: earlier.facts.jobId, job: jobNameOf(earlier) } }),
  });
}

const namespaceOf = ({ organizationId }: KnownNode): string => `weft://${organizationId ?? 'shared'}`;
const jobNameOf = (activity: KnownNode) => ({ namespace: namespaceOf(activity), name: activity.name });

function datasetOf({ node }: RunPart): DatasetUse {
  const { sha256, artifactId, jobId, itemIndex } = node.facts;
  const name =
    node.pid ??
    (artifactId !== undefined
      ? `artifact/${artifactId}`
      : jobId !== undefined && itemIndex !== undefined
        ? `job/${jobId}/result/${itemIndex}`
        : sha256 !== undefined
          ? `value/${sha256}`
          : node.id);
  return {
    namespace: namespaceOf(node),
    name,
    description: node.name,
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/** A file that belongs into a crate, and as what it is stored. */
export interface StoredFile extends CrateFile {
  readonly artifactId: string;
}

export interface RunCrate {
  readonly metadata: RoCrate['metadata'];
  readonly files: readonly StoredFile[];
}

const NO_LICENCE = 'No licence is known; ask who ran it.';

/** @param licence in words, or the IRI of one. */
export function crateOf(story: RunStory, pidBase: string, licence: string | null): RunCrate {
  const { activity, used, made, agents } = story;
  const stored = new Map<string, string>();
  const data = ({ node, role }: RunPart, folder: string): CrateData => {
    const { artifactId, sha256 } = node.facts;
    const known = { name: node.name, ...(sha256 === undefined ? {} : { sha256 }) };
    if (artifactId === undefined) return { kind: 'REFERENCE', iri: iriOf(node, pidBase), ...known };
    const path = `${folder}/${artifactId}`;
    stored.set(path, artifactId);
    return { kind: 'FILE', path, ...known, ...(role === ROLES.data ? { slot: role } : {}) };
  };
  const { startedAt, endedAt, outcome } = activity.facts;
  const code = codeOf(used);
  const submitter = agents.find(({ role }) => role === ROLES.submitter)?.node;
  const action: CrateAction = {
    id: iriOf(activity, pidBase),
    name: activity.name,
    state: outcome ?? 'CANCELLED',
    instrument:
      code === undefined
        ? { id: `${iriOf(activity, pidBase)}#software`, name: activity.name }
        : { id: iriOf(code, pidBase), name: code.name },
    objects: inputsOf(used).map((part) => data(part, 'inputs')),
    results: made.map((part) => data(part, 'results')),
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt) }),
    ...(submitter === undefined
      ? {}
      : { agent: { id: iriOf(submitter, pidBase), kind: 'PERSON', name: submitter.name } as const }),
  };
  const { metadata, files } = roCrate({
    name: activity.name,
    description: `The run ${activity.facts.jobId ?? activity.id}: what it used, what it made and who ran it.`,
    publishedAt: activity.createdAt,
    license: licenceOf(licence),
    action,
  });
  return {
    metadata,
    files: files.map((file) => ({ ...file, artifactId: stored.get(file.path) ?? '' })),
  };
}

const licenceOf = (licence: string | null) =>
  licence !== null && /^https?:\/\/\S+$/.test(licence)
    ? { iri: licence, name: licence }
    : (licence ?? NO_LICENCE);

const iriOf = ({ id, pid }: KnownNode, pidBase: string): string =>
  pid === null ? iriOfId(id) : iriOfPid(pid, pidBase);
