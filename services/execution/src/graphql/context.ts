import type { RequestContext } from '@weft/subgraph';
import type { Outcome } from '@weft/errors';
import type { CreateUploadInput, Upload } from '../application/create-upload.js';
import type { ArtifactUrls, LogBell, Reads } from '../application/ports.js';
import type { Loaders } from './loaders.js';

/** What a resolver of this subgraph may use. */
export interface ExecutionContext extends RequestContext {
  readonly loaders: Loaders;
  readonly organizationIds: readonly string[];
  readonly reads: Reads;
  readonly bell: LogBell;
  readonly urls: ArtifactUrls;
  readonly createUpload: (input: CreateUploadInput) => Promise<Outcome<Upload>>;
}
