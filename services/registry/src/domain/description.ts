// What is known of things that jobs only name: told apart from the jobs, before or after them, by whoever knows the thing.
import type { ArtifactStored, EnvironmentDescribed, RunEnvironment, TargetChanged } from '@weft/contracts';
import type { NodeFacts } from './node.js';

/** Adds to every node that names its subject. */
export interface Description {
  readonly subject: string;
  /** The higher one counts. */
  readonly revision: number;
  /** For nodes that nobody has told the name of; null: they keep theirs. */
  readonly name: string | null;
  readonly facts: NodeFacts;
}

export const subjectOf = {
  artifact: (artifactId: string) => `artifact/${artifactId}`,
  target: (targetId: string) => `target/${targetId}`,
  environment: (digest: string) => `environment/${digest}`,
} as const;

export const descriptionOfArtifact = ({ artifactId, name, sha256, size }: ArtifactStored): Description => ({
  subject: subjectOf.artifact(artifactId),
  revision: 1,
  name,
  facts: { sha256, bytes: size },
});

export const descriptionOfTarget = ({ targetId, seq, name }: TargetChanged): Description => ({
  subject: subjectOf.target(targetId),
  revision: seq,
  name: `target ${name}`,
  facts: {},
});

export const descriptionOfEnvironment = ({ digest, environment }: EnvironmentDescribed): Description => ({
  subject: subjectOf.environment(digest),
  revision: 1,
  name: nameOf(environment),
  facts: { environment },
});

const RUNTIME_NAMES = { NODEJS: 'Node.js', PYTHON: 'Python' } as const;

/** `Node.js 24.1.0, bubblewrap 0.8.0, linux x64`. */
function nameOf({ runtime, image, sandbox, platform }: RunEnvironment): string {
  return [
    runtime === null ? 'shell' : `${RUNTIME_NAMES[runtime.name]} ${runtime.version}`,
    ...(image === null ? [] : [`image ${image}`]),
    sandbox.kind === 'none' ? 'no sandbox' : `${sandbox.kind} ${sandbox.version ?? ''}`.trim(),
    `${platform.os} ${platform.arch}`,
  ].join(', ');
}
