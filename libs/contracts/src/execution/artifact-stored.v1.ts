import { z } from 'zod';
import { defineEvent } from '../define-event.js';

export const ARTIFACT_KINDS = ['INPUT', 'CODE', 'RESULT', 'LOG', 'REPORT'] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** An upload is complete and durable; from now on jobs and service versions may refer to it. */
export const artifactStoredPayload = z.object({
  artifactId: z.string(),
  organizationId: z.string(),
  name: z.string(),
  kind: z.enum(ARTIFACT_KINDS),
  mediaType: z.string(),
  size: z.number().int().nonnegative(),
  sha256: z.string(),
  /** The job that made it; nothing: somebody uploaded it, or execution is too old to say. */
  jobId: z.string().nullish(),
});
export type ArtifactStored = z.infer<typeof artifactStoredPayload>;

export const artifactStored = defineEvent<ArtifactStored>({
  type: 'artifact-stored',
  version: 1,
  producer: 'execution',
  schema: artifactStoredPayload,
  tokens: (payload) => [payload.kind, payload.artifactId],
  aggregate: (payload) => ({ id: payload.artifactId, seq: 1 }),
});
