import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { createRegistryParts } from '../context.js';
import { askerOf, member, type Asker } from './ask.js';
import {
  aCancelledJob,
  aFailedJob,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from './finished-jobs.js';

/** A few jobs of two tenants that share a published service, and questions about them. For tests. */
export interface World {
  readonly database: Database;
  readonly ask: Asker;
  provenanceOf(job: string, actor?: Actor): Promise<JobProvenance | null>;
  /** Id of the first result of a job. */
  itemOf(job: string): Promise<string>;
}

export interface Hops {
  readonly edges: readonly {
    readonly relation: string;
    readonly role: string | null;
    readonly node: { readonly id: string; readonly name: string };
  }[];
}

export interface JobProvenance {
  readonly activity: {
    readonly id: string;
    readonly used: Hops;
    readonly generated: Hops;
    readonly agents: Hops;
    readonly upstream: Hops;
  };
  readonly inputs: Hops;
  readonly results: {
    readonly edges: readonly { readonly role: string; readonly node: { readonly id: string } }[];
  };
}

/** `relation/role name` of each hop, sorted. */
export const spoken = (hops: Hops | undefined): string[] =>
  (hops?.edges ?? []).map(({ relation, role, node }) => `${relation}/${role ?? '-'} ${node.name}`).sort();

export const HOPS = 'edges { relation role node { id name } }';

const PROVENANCE = `query ($id: ID!) {
  _entities(representations: [{ __typename: "Job", id: $id }]) {
    ... on Job { provenance {
      activity {
        id name outcome startedAt endedAt job { id }
        used { ${HOPS} } generated { ${HOPS} } agents { ${HOPS} } upstream { ${HOPS} }
      }
      inputs { ${HOPS} }
      results { edges { role node { id name sha256 subtype organization { id } job { id } artifact { id } } } }
    } }
  }
}`;

export async function aWorld(database: Database): Promise<World> {
  await tellAll(database);
  const ask = await askerOf(database);
  const provenanceOf = async (job: string, actor = member()): Promise<JobProvenance | null> => {
    const answer = await ask.data<{ _entities: [{ provenance: JobProvenance | null }] }>(
      PROVENANCE,
      { id: id(job) },
      actor,
    );
    return answer._entities[0].provenance;
  };
  return {
    database,
    ask,
    provenanceOf,
    async itemOf(job) {
      const item = (await provenanceOf(job))?.results.edges[0]?.node.id;
      if (item === undefined) throw new Error(`${job} has no result`);
      return item;
    },
  };
}

async function tellAll(database: Database): Promise<void> {
  const { recordFinishedJobs, recordServiceVersion } = createRegistryParts(database);
  const open = { serviceVersionId: id('version open 1') };
  const secret = { serviceVersionId: id('version secret') };
  await recordServiceVersion('test', 'v1', aServiceVersion());
  await recordServiceVersion(
    'test',
    'v2',
    aServiceVersion({ ...open, serviceName: 'open', organizationId: RIVAL, lifecycle: 'PUBLISHED' }),
  );
  await recordServiceVersion('test', 'v3', aServiceVersion({ ...secret, organizationId: RIVAL }));
  const jobs = [
    aSucceededJob('make', {
      outcomes: [anOutcome(0, { resultArtifactId: id('made'), resultSha256: sha('made') })],
    }),
    aSucceededJob('use', {
      ...open,
      inputs: { dataSha256: null, paramsSha256: sha('{}'), artifactIds: [id('made')] },
    }),
    aFailedJob('fail', { ...open, retryOf: id('make') }),
    aCancelledJob('cancel', { retryOf: id('only mentioned') }),
    aSucceededJob('rival', { ...open, organizationId: RIVAL, createdBy: id('user bob') }),
    aSucceededJob('peek', secret),
  ];
  for (const job of jobs) await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
}
