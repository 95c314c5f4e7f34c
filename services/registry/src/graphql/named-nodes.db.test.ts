import { testDatabase, type TestDatabase } from '@weft/testkit';
import pg from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { askerOf, member, type Asker } from '../testing/ask.js';
import {
  ACME,
  anAttempt,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';
import { ADA, itemSteps } from '../testing/item-steps.js';

let database: TestDatabase;
let ask: Asker;
beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  ask = await askerOf(database);
  const { recordFinishedJobs, recordServiceVersion } = createRegistryParts(database);
  await recordServiceVersion('test', 'v1', aServiceVersion());
  const jobs = [
    aSucceededJob('make', {
      attempts: [anAttempt(1)],
      outcomes: [anOutcome(0, { resultArtifactId: id('made'), resultSha256: sha('made') })],
    }),
    // The rival used the same file, by way of a data pool.
    aSucceededJob('use', {
      organizationId: RIVAL,
      attempts: [anAttempt(1)],
      inputs: { dataSha256: null, paramsSha256: null, artifactIds: [id('made')] },
    }),
  ];
  for (const job of jobs) await recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  await database.query(
    `insert into known_artifact (id, organization_id, name, media_type, size, sha256) values ($1, $2, 'made', 'text/csv', 4, $3)`,
    [id('made'), ACME, sha('made')],
  );
});

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly organization: { readonly id: string } | null;
}
const SHOWN = `id name organization { id }`;
const QUERY = `query ($representations: [_Any!]!, $organizationId: ID) { _entities(representations: $representations) {
  ... on Artifact { provenance { ${SHOWN} } } ... on ServiceVersion { provenance { ${SHOWN} } }
  ... on Target { agent: provenance(organizationId: $organizationId) { ${SHOWN} } } } }`;

type Entity = { readonly provenance?: Shown | null; readonly agent?: Shown | null };
const entities = async (
  named: readonly (readonly [string, string])[],
  actor = member(),
  organizationId: string | null = null,
): Promise<(Shown | null)[]> => {
  const representations = named.map(([__typename, one]) => ({ __typename, id: one }));
  const { _entities } = await ask.data<{ _entities: Entity[] }>(
    QUERY,
    { representations, organizationId },
    actor,
  );
  return _entities.map(({ provenance, agent }) => provenance ?? agent ?? null);
};
const both = {
  ...member(),
  organizations: [RIVAL, ACME].map((one) => ({ id: one, role: 'VIEWER' as const })),
};

describe('the provenance of', () => {
  it('an artifact is what its owner calls it, or, of a file of others, what the own jobs call it', async () => {
    const made = ['Artifact', id('made')] as const;
    const [own] = await entities([made]);
    expect(own).toMatchObject({ name: 'result of make', organization: { id: ACME } });
    const [used] = await entities([made], member(RIVAL));
    expect(used?.organization?.id).toBe(RIVAL);
    expect(used?.id).not.toBe(own?.id);
    expect(await entities([made], both)).toEqual([own]);
    expect(
      await entities([made, ['Artifact', id('never used')], ['Artifact', 'x']], member(id('org third'))),
    ).toEqual([...[null, null, null]]);
  });

  it('an artifact that only a dataset holds is the dataset, for who may read that', async () => {
    const items = await itemSteps(database);
    const model = await items.aModel({ name: 'Open model' });
    await database.query(
      `insert into item_data (node, artifact_id, size, sha256) select id, $2, 1, $3 from node where public_id = $1`,
      [model.id, id('held'), sha('held')],
    );
    const held = ['Artifact', id('held')] as const;
    expect(await entities([held], ADA)).toMatchObject([{ id: model.id }]);
    expect(await entities([held], member(RIVAL))).toEqual([null]);
    await items.done('setItemAccess', {
      id: model.id,
      grants: [{ kind: 'EVERYONE', roles: ['METADATA_READ'] }],
    });
    expect(await entities([held], member(RIVAL))).toMatchObject([{ id: model.id }]);
  });

  it('a service version is the node that all jobs with it used', async () => {
    const version = ['ServiceVersion', id('version tabu 1')] as const;
    const { serviceVersionId } = aServiceVersion();
    expect(serviceVersionId).toBe(version[1]);
    expect(await entities([version, ['ServiceVersion', id('none')]])).toMatchObject([
      { name: 'tabu 1.0.0' },
      null,
    ]);
  });

  it('a target is a node of each organization', async () => {
    const local = ['Target', 'local'] as const;
    const nodeOf = async (organizationId: string) =>
      (
        await database.query<{ id: string }>(
          `select public_id as id from node where facts ->> 'targetId' = 'local' and organization_id = $1`,
          [organizationId],
        )
      )[0]?.id;
    const [[acmes], [rivals]] = [await entities([local]), await entities([local], member(RIVAL))];
    expect([acmes?.id, rivals?.id]).toEqual([await nodeOf(ACME), await nodeOf(RIVAL)]);
    expect(acmes?.name).toBe('target local');
    expect(await entities([local], both)).toEqual([rivals]);
    expect(await entities([local], both, ACME)).toEqual([acmes]);
    expect(await entities([local], member(), RIVAL)).toEqual([null]);
    expect(await entities([['Target', 'elsewhere']])).toEqual([null]);
  });

  it('fifty of a sort costs as many statements as one, and none without the scope', async () => {
    const count = async (size: number): Promise<number> => {
      const named = ['Artifact', 'ServiceVersion', 'Target'].flatMap((type) =>
        Array.from({ length: size }, (_, at) => [type, id(`${type} ${at}`)] as const),
      );
      const sent = vi.spyOn(pg.Client.prototype, 'query');
      try {
        await entities(named);
        return sent.mock.calls.length;
      } finally {
        sent.mockRestore();
      }
    };
    expect(await count(1)).toBe(4);
    expect(await count(50)).toBe(4);
    const representations = [{ __typename: 'Target', id: 'local' }];
    expect((await ask.refusals(QUERY, { representations }, member(ACME, []))).join()).toContain(
      'scope "read"',
    );
  });
});
