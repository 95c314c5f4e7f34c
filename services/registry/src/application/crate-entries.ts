// The files of an archive, one after the other; its metadata comes last, for then it is known what became of all others.
import { AppError } from '@weft/errors';
import { cratePreview, type CrateFile, type RoCrate } from '../domain/crate-preview.js';
import { CRATE_LIMITS, pathFor } from '../domain/crate-archive.js';
import { NOT_HELD, type Belonging, type Held, type Holding } from '../domain/crate-content.js';
import { WORKFLOW_FILE } from '../domain/run-crate.js';
import type { ArchiveEntry, Hash, OpenSource } from './crate-ports.js';

const METADATA = 'ro-crate-metadata.json';
const PREVIEW = 'ro-crate-preview.html';

export interface CratePlan {
  readonly belongings: readonly Belonging[];
  /** The text of the file that describes the workflow, where the crate is of one. */
  readonly workflow: string | undefined;
  readonly crate: (holding: Holding, workflow: CrateFile) => RoCrate;
}

export interface Packed {
  readonly fileCount: number;
  readonly missingCount: number;
}

/** @param done is told when all of it is written. */
export async function* packed(
  { belongings, workflow, crate }: CratePlan,
  open: OpenSource,
  hash: () => Hash,
  progress: (fraction: number) => void,
  done: (packed: Packed) => void,
): AsyncGenerator<ArchiveEntry> {
  const holding = new Map<string, Held>();
  const taken = new Set([METADATA, PREVIEW, WORKFLOW_FILE]);
  const budget = { left: CRATE_LIMITS.bytes };
  for (const [at, { key, source, folder, name, sha256 }] of belongings.entries()) {
    const opened = await open(source);
    if (opened === undefined) {
      // A run that said nothing has no log.
      if (source.from !== 'LOG') holding.set(key, { missing: NOT_HELD });
      continue;
    }
    const place = pathFor(folder, opened.name ?? name, taken);
    const measure = { bytes: 0, hash: hash() };
    yield { path: place.path, content: measured(opened.bytes, measure, budget) };
    const found = measure.hash.digest();
    // What is stored under a content's hash is that content; another one would be somebody else's.
    if (sha256 !== undefined && sha256 !== found)
      throw new Error(`${key} has the hash ${found}, and was told to have ${sha256}`);
    const { mediaType } = opened;
    holding.set(key, { ...place, mediaType, bytes: measure.bytes, sha256: found });
    progress((at + 1) / (belongings.length + 1));
  }
  const description = new TextEncoder().encode(workflow ?? '');
  if (workflow !== undefined) yield { path: WORKFLOW_FILE, content: description };
  const made = crate(holding, fileOf(description, hash()));
  yield { path: METADATA, content: new TextEncoder().encode(`${JSON.stringify(made.metadata, null, 2)}\n`) };
  yield { path: PREVIEW, content: new TextEncoder().encode(cratePreview(made)) };
  const missingCount = [...holding.values()].filter((held) => 'missing' in held).length;
  done({ fileCount: made.files.length, missingCount });
}

function fileOf(bytes: Uint8Array, hash: Hash): CrateFile {
  hash.update(bytes);
  return {
    path: WORKFLOW_FILE,
    mediaType: 'application/json',
    bytes: bytes.length,
    sha256: hash.digest(),
  };
}

async function* measured(
  bytes: AsyncIterable<Uint8Array>,
  measure: { bytes: number; readonly hash: Hash },
  budget: { left: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    budget.left -= chunk.length;
    if (budget.left < 0)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The files of the run have more than ${CRATE_LIMITS.bytes} bytes; exportRoCrate of each job lists them.`,
      );
    measure.bytes += chunk.length;
    measure.hash.update(chunk);
    yield chunk;
  }
}
