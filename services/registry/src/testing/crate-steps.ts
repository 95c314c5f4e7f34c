// Archives of runs, asked for by the graph and packed by their operation over files of a test.
import { randomUUID } from 'node:crypto';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import type { Entity, RoCrate } from '@weft/lineage-formats';
import { unzipped } from '@weft/testkit';
import type { OperationContext, OperationFile } from '../application/operations.js';
import { createRegistryParts, type RegistryParts } from '../context.js';
import { CRATE_OPERATION } from '../domain/crate-archive.js';
import { askerOf, type Asker } from './ask.js';
import { ADA, type Refused } from './item-steps.js';
import { withoutFiles } from './without-files.js';

export interface ShownArchive {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly job: { readonly id: string };
  readonly artifact: { readonly id: string } | null;
  readonly fileCount: number | null;
  readonly missingCount: number | null;
}

const SHOWN =
  'id state error job { id } runJob { id } workflowId organization { id } requestedBy { id } artifact { id } fileCount missingCount';

/** What the organization has beside its graph: files by artifact, values and logs by job. */
export interface OtherThings {
  readonly files?: Readonly<Record<string, { readonly name: string; readonly content: string }>>;
  /** By `<job>/<which>`, `<job>/params/<item>` or `<job>/result/<item>`. */
  readonly values?: Readonly<Record<string, string>>;
  readonly logs?: Readonly<Record<string, string>>;
}

/** What was packed. */
export interface PackedCrate {
  readonly result: unknown;
  readonly stored: OperationFile[];
  readonly archive: Buffer;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly metadata: RoCrate['metadata'];
  /** As `crateFaults` asks for it. */
  readonly crate: RoCrate;
  entity(id: string): Entity | undefined;
}

export interface CrateSteps {
  readonly parts: RegistryParts;
  readonly ask: Asker;
  tryToAsk(
    input: Record<string, unknown>,
    actor?: Actor,
  ): Promise<{ archive: ShownArchive | null; refusals: string[] }>;
  asked(input: Record<string, unknown>, actor?: Actor): Promise<ShownArchive>;
  shown(id: string, actor?: Actor): Promise<ShownArchive | null>;
  /** Runs its job as the registry's worker does. */
  pack(archive: Pick<ShownArchive, 'id' | 'job'>, others: OtherThings, jobId?: string): Promise<PackedCrate>;
}

const BESIDE = new Set(['ro-crate-metadata.json', 'ro-crate-preview.html']);

export async function crateSteps(database: Database): Promise<CrateSteps> {
  const parts = createRegistryParts(database);
  const ask = await askerOf(database);
  const steps: CrateSteps = {
    parts,
    ask,
    async tryToAsk(input, actor = ADA) {
      const { packRoCrate } = await ask.data<{
        packRoCrate: { archive: ShownArchive | null; userErrors: Refused[] };
      }>(
        `mutation ($input: PackRoCrateInput!) { packRoCrate(input: $input) { archive { ${SHOWN} } userErrors { code message path } } }`,
        { input },
        actor,
      );
      const refusals = packRoCrate.userErrors.map(({ code, path }) =>
        [code, path.join('.')].join(' ').trim(),
      );
      return { archive: packRoCrate.archive, refusals };
    },
    async asked(input, actor) {
      const { archive, refusals } = await steps.tryToAsk(input, actor);
      if (archive === null) throw new Error(`refused: ${refusals.join()}`);
      return archive;
    },
    async shown(id, actor = ADA) {
      const query = `query ($id: ID!) { roCrateArchive(id: $id) { ${SHOWN} } }`;
      return (await ask.data<{ roCrateArchive: ShownArchive | null }>(query, { id }, actor)).roCrateArchive;
    },
    async pack(archive, others, jobId = archive.job.id) {
      const stored: OperationFile[] = [];
      let bytes = Buffer.alloc(0);
      const context: OperationContext = {
        ...{ jobId, attempt: 1, organizationId: 'unused', userId: ADA.id, correlationId: 'test' },
        ...withoutFiles,
        signal: new AbortController().signal,
        progress: () => undefined,
        async store(file) {
          stored.push(file);
          const chunks: Uint8Array[] = [];
          if (typeof file.bytes === 'function') for await (const chunk of file.bytes()) chunks.push(chunk);
          bytes = Buffer.concat(chunks);
          return randomUUID();
        },
        others: othersOf(others),
      };
      const result = await parts.operations[CRATE_OPERATION]?.({ archiveId: archive.id }, context);
      const files = bytes.length === 0 ? new Map<string, Buffer>() : await unzipped(bytes);
      const metadata = JSON.parse(
        files.get('ro-crate-metadata.json')?.toString() ?? '{"@graph":[]}',
      ) as RoCrate['metadata'];
      const crate = {
        metadata,
        files: [...files.keys()].filter((path) => !BESIDE.has(path)).map((path) => ({ path })),
      };
      const entity = (id: string) => metadata['@graph'].find((one) => one['@id'] === id);
      return { result, stored, archive: bytes, files, metadata, crate, entity };
    },
  };
  return steps;
}

const othersOf = ({ files = {}, values = {}, logs = {} }: OtherThings): OperationContext['others'] => ({
  file(artifactId) {
    const file = files[artifactId];
    return Promise.resolve(file && { name: file.name, mediaType: 'text/csv', bytes: bytesOf(file.content) });
  },
  value: ({ jobId, which, item }) =>
    Promise.resolve(values[[jobId, which, ...(item === undefined ? [] : [item])].join('/')]),
  async *log(jobId) {
    const log = await Promise.resolve(logs[jobId]);
    if (log !== undefined) yield log;
  },
});

async function* bytesOf(content: string): AsyncGenerator<Uint8Array> {
  const bytes = await Promise.resolve(Buffer.from(content));
  for (let from = 0; from < bytes.length; from += 3) yield bytes.subarray(from, from + 3);
}
