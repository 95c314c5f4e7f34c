import type { ArtifactKind } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';

/** A stored file, or one that is expected: content-addressed within its organization. */
export interface Artifact {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly kind: ArtifactKind;
  /** `null` until the upload is complete. */
  readonly size: number | null;
  readonly sha256: string | null;
  readonly jobId: string | null;
  readonly attempt: number | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly storedAt: Date | null;
}

export interface StoredArtifact extends Artifact {
  readonly size: number;
  readonly sha256: string;
}

export const isStored = (artifact: Artifact): artifact is StoredArtifact => artifact.sha256 !== null;

export const MAX_ARTIFACT_BYTES = 500 * 1024 * 1024;
export const UPLOAD_TTL_MS = 60 * 60_000;
/** What a reader may ask for: long enough for a program that works through a large file. */
export const GRANT_DEFAULT_SECONDS = 3 * 3_600;
export const GRANT_MAX_SECONDS = 24 * 3_600;
export const DOWNLOAD_TTL_MS = 10 * 60_000;
/** Uploads that nobody began are forgotten after this. */
export const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

const MAX_NAME_LENGTH = 200;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}(?:; ?[a-z0-9-]+=[\w.+-]+)*$/i;
// Control characters would break headers and logs, slashes would pretend to be paths.
const BAD_IN_NAME = /[\p{Cc}\p{Cs}/\\]/u;

export interface UploadRequest {
  readonly name: string;
  readonly mediaType: string;
}

export function uploadProblems({ name, mediaType }: UploadRequest): UserError[] {
  const problems: UserError[] = [];
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH || BAD_IN_NAME.test(name)) {
    problems.push(
      userError(
        'BAD_USER_INPUT',
        `A name has 1 to ${MAX_NAME_LENGTH} characters, without slashes and control characters.`,
        'input',
        'name',
      ),
    );
  }
  if (!MEDIA_TYPE.test(mediaType)) {
    problems.push(
      userError(
        'BAD_USER_INPUT',
        'A media type looks like "application/json" or "text/plain".',
        'input',
        'mediaType',
      ),
    );
  }
  return problems;
}
