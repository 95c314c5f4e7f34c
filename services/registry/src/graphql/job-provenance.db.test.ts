// What is told of a job beyond its inputs and results: on whose behalf, on what, in what, by which code.
import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { beforeAll, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase, type RegistryParts } from '../context.js';
import {
  descriptionOfArtifact,
  descriptionOfEnvironment,
  descriptionOfTarget,
} from '../domain/description.js';
import {
  aCancelledJob,
  ACME,
  aFailedJob,
  aFile,
  anAttempt,
  anEnvironment,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  aTarget,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';
import { heldViolations } from '../testing/held-lineage.js';
import { ADA, aMember, itemSteps, type ItemSteps } from '../testing/item-steps.js';

const PLACE = anEnvironment();
const ran = { attempts: [anAttempt(1, { environment: PLACE.digest })] };

let database: Database;
let parts: RegistryParts;
let steps: ItemSteps;

const record = (job: ReturnType<typeof aSucceededJob>): Promise<void> =>
  parts.recordFinishedJobs('test', [{ messageId: job.jobId, job }]);

const provenanceOf = async (job: string, fields: string): Promise<unknown> => {
  const answer = await steps.ask.data<{ _entities: [{ provenance: unknown }] }>(
    `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { provenance { ${fields} } } } }`,
    { id: id(job) },
    ADA,
  );
  return answer._entities[0].provenance;
};

beforeAll(async () => {
  database = await testDatabase(registryDatabase);
  parts = createRegistryParts(database);
  steps = await itemSteps(database);
  await parts.recordServiceVersion(
    'test',
    'v1',
    aServiceVersion({ organizationId: RIVAL, lifecycle: 'PUBLISHED' }),
  );
  await record(aSucceededJob('fit', ran));
  const described = [
    descriptionOfArtifact(aFile('artifact code', { organizationId: RIVAL })),
    descriptionOfEnvironment(PLACE),
    descriptionOfTarget(aTarget()),
  ];
  await parts.describeNodes(
    'test',
    described.map((description) => ({ messageId: description.subject, description })),
  );
});

test('who, for whom, on which target, in which environment, by which code', async () => {
  expect(
    await provenanceOf(
      'fit',
      `submitter { user { id } person { name } } onBehalfOf { subtype organization { id } } target { name target { id } }
       environments { edges { role node { subtype name environmentDigest environment } } }
       code { edges { node { name sha256 runtime } } } inputs { edges { role } }
       activity { environments { edges { node { environmentDigest } } } deletedAt }`,
    ),
  ).toEqual({
    submitter: { user: { id: id('user ada') }, person: null },
    onBehalfOf: { subtype: 'OWNING_ORGANIZATION', organization: { id: ACME } },
    target: { name: 'target This machine', target: { id: 'local' } },
    environments: {
      edges: [
        {
          role: 'environment',
          node: {
            subtype: 'ENVIRONMENT',
            name: 'Node.js 24.1.0, bubblewrap 0.8.0, linux x64',
            environmentDigest: PLACE.digest,
            environment: PLACE.environment,
          },
        },
      ],
    },
    code: { edges: [{ node: { name: 'tabu 1.0.0', sha256: sha('artifact code'), runtime: 'NODEJS' } }] },
    inputs: { edges: expect.not.arrayContaining([{ role: 'environment' }]) },
    activity: { environments: { edges: [{ node: { environmentDigest: PLACE.digest } }] }, deletedAt: null },
  });
});

test('a service version is of its provider, and revises the one before, whichever is told first', async () => {
  const [first, second, third] = ['first', 'second', 'third'].map((name) => id(`fit ${name}`)) as [
    ...[string, string, string],
  ];
  const tell = (serviceVersionId: string, previousVersionId: string | null, seq = 1) =>
    parts.recordServiceVersion(
      'test',
      `${serviceVersionId} ${seq}`,
      aServiceVersion({
        serviceVersionId,
        previousVersionId,
        seq,
        serviceName: 'fit',
        version: serviceVersionId.slice(0, 4),
      }),
    );
  await tell(third, second);
  await tell(first, null);
  await tell(second, first);
  await tell(second, first, 2);
  const told = await database.query<{ from: string; relation: string; to: string }>(
    `select s.facts ->> 'serviceVersionId' as "from", e.relation, coalesce(d.facts ->> 'serviceVersionId', d.name) as "to"
     from edge e join node s on s.id = e.src join node d on d.id = e.dst
     where s.facts ->> 'serviceVersionId' = any ($1) order by 1, 2, 3`,
    [[first, second, third]],
  );
  const attributed = [first, second, third].map((from) => ({
    ...{ from, relation: 'WAS_ATTRIBUTED_TO', to: `organization ${ACME}` },
  }));
  const revised = [
    { from: second, relation: 'WAS_REVISION_OF', to: first },
    { from: third, relation: 'WAS_REVISION_OF', to: second },
  ];
  expect(new Set(told.map((edge) => JSON.stringify(edge)))).toEqual(
    new Set([...attributed, ...revised].map((edge) => JSON.stringify(edge))),
  );
  expect(told).toHaveLength(5);
  const names = await database.query<{ name: string }>(
    `select name from node where facts ->> 'serviceVersionId' = $1`,
    [first],
  );
  expect(names).toEqual([{ name: `fit ${first.slice(0, 4)}` }]);
  expect(await heldViolations(database)).toEqual([]);
});

test('of a command: its hash, and its file', async () => {
  await record(
    aSucceededJob('shell', {
      kind: 'COMMAND',
      serviceId: null,
      serviceVersionId: null,
      inputs: {
        ...{ dataSha256: null, paramsSha256: null, commandSha256: sha('python3 code') },
        ...{ artifactIds: [id('script')], codeArtifactId: id('script') },
      },
    }),
  );
  expect(await provenanceOf('shell', 'code { edges { node { subtype sha256 artifact { id } } } }')).toEqual({
    code: {
      edges: [
        { node: { subtype: 'DATA', sha256: null, artifact: { id: id('script') } } },
        { node: { subtype: 'CODE', sha256: sha('python3 code'), artifact: null } },
      ],
    },
  });
});

test('of a job that never ran: neither target nor environment', async () => {
  await record(aCancelledJob('never'));
  expect(
    await provenanceOf(
      'never',
      'target { id } environments { edges { role } } onBehalfOf { organization { id } }',
    ),
  ).toEqual({ target: null, environments: { edges: [] }, onBehalfOf: { organization: { id: ACME } } });
});

test('a user who says which person he is, is that one in what was recorded before and after', async () => {
  const person = (firstName: string) =>
    steps.done('createItem', {
      subtype: 'PERSON',
      metadata: { firstName, lastName: 'Lovelace', email: `${firstName}@example.org`, ethicsApproved: true },
    });
  const settled = async (mutation: string, id: string, actor = ADA): Promise<string[]> => {
    const answer = await steps.ask.data<Record<string, { userErrors: { code: string }[] }>>(
      `mutation ($id: ID!) { ${mutation}(id: $id) { userErrors { code } } }`,
      { id },
      actor,
    );
    return answer[mutation]!.userErrors.map(({ code }) => code);
  };
  const link = (id: string, actor = ADA) => settled('linkPerson', id, actor);
  const named = async (job: string) => provenanceOf(job, 'submitter { person { name } }');
  const [ada, augusta] = [await person('Ada'), await person('Augusta')];
  await link(ada.id);
  expect(await named('fit')).toEqual({ submitter: { person: { name: ada.name } } });
  await record(aSucceededJob('later', { ...ran, organizationId: id('another of hers') }));
  const rows = await database.query<{ n: number }>(
    `select count(*) as n from edge where relation = 'SPECIALIZATION_OF'`,
  );
  expect(rows).toEqual([{ n: 2 }]);
  // One user is one person, and one person one user; who may only edit a person cannot pass for it.
  const [owen, max] = [aMember('owen', 'OWNER'), aMember('max', 'MAINTAINER')];
  expect(await link(ada.id)).toEqual([]);
  expect(await link(augusta.id)).toEqual(['CONFLICT']);
  expect(await link(ada.id, owen)).toEqual(['CONFLICT']);
  expect(await link(augusta.id, max)).toEqual(['FORBIDDEN']);
  expect(await settled('unlinkPerson', ada.id, max)).toEqual(['FORBIDDEN']);
  // The link is a statement about him and not a history: it can end, and there can be another one.
  expect(await settled('unlinkPerson', ada.id, owen)).toEqual([]);
  expect(await named('fit')).toEqual({ submitter: { person: null } });
  expect(await settled('unlinkPerson', ada.id)).toEqual([]);
  await link(augusta.id);
  expect(await named('fit')).toEqual({ submitter: { person: { name: augusta.name } } });
  expect(
    await database.query(`select distinct dst from edge where relation = 'SPECIALIZATION_OF'`),
  ).toHaveLength(1);
  // Who may not read the person does not learn of it.
  const eve = aMember('eve', 'OWNER', [id('another of hers')]);
  const seen = await steps.ask.data<{ _entities: [{ provenance: unknown }] }>(
    `query ($id: ID!) { _entities(representations: [{ __typename: "Job", id: $id }]) { ... on Job { provenance { submitter { person { name } } } } } }`,
    { id: id('later') },
    eve,
  );
  expect(seen._entities[0].provenance).toEqual({ submitter: { person: null } });
});

test('a step is informed by those that it waited for, and all that is held is valid provenance', async () => {
  const made = anOutcome(0, { resultArtifactId: id('file'), resultSha256: sha('file') });
  await record(aSucceededJob('first step', { ...ran, outcomes: [made] }));
  await record(aFailedJob('second step', { ...ran, needs: [id('first step')] }));
  await record(
    aSucceededJob('third step', {
      ...ran,
      needs: [id('first step'), id('second step')],
      retryOf: id('fit'),
      inputs: { dataSha256: null, paramsSha256: null, artifactIds: [id('file')] },
    }),
  );
  const rows = await database.query<{ name: string }>(
    `select d.name from edge e join node s on s.id = e.src join node d on d.id = e.dst
     where s.name = 'third step' and e.relation = 'WAS_INFORMED_BY' order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(['first step', 'fit', 'second step']);
  expect(await heldViolations(database)).toEqual([]);
});
