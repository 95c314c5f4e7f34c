// What is known here of service versions, targets and artifacts, which other services keep.
import type { DataPoolChanged, DataPoolFileChanged, DatasetFileChanged } from '@weft/contracts';
import type { KnownArtifact, KnownServiceVersion, KnownTarget, References } from '../domain/references.js';
import type { DataPoolFileRef } from '../domain/data-pool-file.js';
import type { KnownPool } from '../domain/result-pool.js';
import type { InputFacts } from './ports.js';

export interface ReferenceReader {
  find(
    serviceVersionId: string | null,
    targetId: string,
    artifacts: Pick<InputFacts, 'dataArtifactId' | 'codeArtifactId'>,
  ): Promise<References>;
  target(targetId: string): Promise<KnownTarget | undefined>;
  /** The artifact that the file is, where the organization may read it. */
  poolFile(organizationId: string, file: DataPoolFileRef): Promise<string | undefined>;
  /** The pool, where one of these principals may see it. */
  pool(principals: readonly string[], dataPoolId: string): Promise<KnownPool | undefined>;
  serviceVersions(ids: readonly string[]): Promise<Map<string, KnownServiceVersion>>;
}

export interface ReferenceStore extends ReferenceReader {
  /** Keeps what is newer than what is known. */
  keepServiceVersion(version: KnownServiceVersion): Promise<void>;
  keepTarget(target: KnownTarget): Promise<void>;
  keepArtifact(artifact: KnownArtifact): Promise<void>;
  keepDataPool(pool: DataPoolChanged): Promise<void>;
  keepDataPoolFile(file: DataPoolFileChanged): Promise<void>;
  keepDatasetFile(file: DatasetFileChanged): Promise<void>;
}
