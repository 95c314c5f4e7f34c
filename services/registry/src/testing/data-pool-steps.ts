// What people do with data pools, said briefly. For tests.
import { randomUUID } from 'node:crypto';
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { createRegistryParts, type RegistryParts } from '../context.js';
import { askerOf, type Asker } from './ask.js';
import { ACME, sha } from './finished-jobs.js';
import { ADA, type Refused } from './item-steps.js';

export interface ShownPool {
  readonly id: string;
  readonly name: string;
  readonly releaseState: string;
  readonly fileCount: number;
  readonly manifestSha256: string | null;
  readonly [field: string]: unknown;
}

export interface Answer {
  readonly dataPool?: ShownPool | null;
  readonly file?: Record<string, unknown> | null;
  readonly deletedId?: string | null;
  readonly userErrors: readonly Refused[];
}

const POOL = 'id name releaseState fileCount manifestSha256';
const FILE = 'id name version current sha256 size mediaType';

const FILLS = new Set(['addDataPoolFile', 'saveJobResultToDataPool']);
const BY_ID = new Set(['sealDataPool', 'pruneDataPool']);

export interface DataPoolSteps {
  readonly ask: Asker;
  readonly parts: RegistryParts;
  change(mutation: string, input: Record<string, unknown>, actor?: Actor): Promise<Answer>;
  /** The same, where it must be done. */
  done(mutation: string, input: Record<string, unknown>, actor?: Actor): Promise<ShownPool>;
  /** The codes and paths of its refusals; where there are none, that is a failure. */
  refused(mutation: string, input: Record<string, unknown>, actor?: Actor): Promise<string[]>;
  pool(id: string, show?: string, actor?: Actor): Promise<ShownPool | null>;
  aPool(input?: Record<string, unknown>, actor?: Actor): Promise<string>;
  /** Tells of a stored file; its id. */
  stored(content: string, organizationId?: string, artifactId?: string): Promise<string>;
  /** A file with this content in the pool; its id. */
  add(dataPoolId: string, name: string, content?: string, actor?: Actor): Promise<string>;
  names(id: string, actor?: Actor): Promise<string[]>;
}

/** What is not known within this time is refused: in tests nothing is under way. */
const WAIT_MS = 300;

export async function dataPoolSteps(database: Database): Promise<DataPoolSteps> {
  const parts = createRegistryParts(database, { referenceWaitMs: WAIT_MS });
  const ask = await askerOf(database, undefined, parts);
  const steps: DataPoolSteps = {
    ask,
    parts,
    async change(mutation, input, actor = ADA) {
      const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
      const shown =
        mutation === 'deleteDataPool'
          ? 'deletedId'
          : `dataPool { ${POOL} } ${FILLS.has(mutation) ? `file { ${FILE} }` : ''}`;
      const answer = await ask.data<Record<string, Answer>>(
        BY_ID.has(mutation)
          ? `mutation ($id: ID!) { ${mutation}(id: $id) { ${shown} userErrors { code message path } } }`
          : `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${shown} userErrors { code message path } } }`,
        BY_ID.has(mutation) ? input : { input },
        actor,
      );
      return answer[mutation] as Answer;
    },
    async done(mutation, input, actor) {
      const { dataPool, userErrors } = await steps.change(mutation, input, actor);
      if (userErrors.length > 0) throw new Error(`${mutation} was refused: ${JSON.stringify(userErrors)}`);
      return dataPool as ShownPool;
    },
    async refused(mutation, input, actor) {
      const { userErrors } = await steps.change(mutation, input, actor);
      if (userErrors.length === 0) throw new Error(`${mutation} was done`);
      return userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
    },
    async pool(id, show = POOL, actor = ADA) {
      const answer = await ask.data<{ dataPool: ShownPool | null }>(
        `query ($id: ID!) { dataPool(id: $id) { ${show} } }`,
        { id },
        actor,
      );
      return answer.dataPool;
    },
    async aPool(input = {}, actor = ADA) {
      return (await steps.done('createDataPool', { name: `pool ${randomUUID()}`, ...input }, actor)).id;
    },
    async stored(content, organizationId = ACME, artifactId = randomUUID()) {
      await parts.dataPoolNews.keepArtifact({
        ...{ artifactId, organizationId, name: `${content}.csv`, kind: 'INPUT', mediaType: 'text/csv' },
        ...{ size: content.length, sha256: sha(content) },
      });
      return artifactId;
    },
    async add(dataPoolId, name, content = `content ${randomUUID()}`, actor = ADA) {
      const artifactId = await steps.stored(content);
      const { file, userErrors } = await steps.change(
        'addDataPoolFile',
        { dataPoolId, name, artifactId },
        actor,
      );
      if (file == null) throw new Error(`addDataPoolFile was refused: ${JSON.stringify(userErrors)}`);
      return file['id'] as string;
    },
    async names(id, actor) {
      const pool = await steps.pool(id, 'files(first: 100) { edges { node { name } } }', actor);
      const { edges } = pool!['files'] as { edges: { node: { name: string } }[] };
      return edges.map(({ node }) => node.name);
    },
  };
  return steps;
}
