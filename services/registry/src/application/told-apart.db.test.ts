// What is told of jobs apart from their own news: before them, after them, and at the same moment.
import type { DescribedEnvironment } from '@weft/contracts';
import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { expect, test } from 'vitest';
import { createRegistryParts, registryDatabase, type RegistryParts } from '../context.js';
import {
  descriptionOfArtifact,
  descriptionOfEnvironment,
  descriptionOfTarget,
  type Description,
} from '../domain/description.js';
import { forgetJobRecords } from '../persistence/kept-job-store.js';
import { EVERYONE } from '../domain/principal.js';
import type { JobRecordNews } from './keep-job-records.js';
import {
  ACME,
  aFile,
  aGivenJob,
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

const fresh = async (): Promise<{ database: Database; parts: RegistryParts }> => {
  const database = await testDatabase(registryDatabase);
  return { database, parts: createRegistryParts(database) };
};

const environment = anEnvironment();
const job = (name: string, changes: Parameters<typeof aSucceededJob>[1] = {}) =>
  aSucceededJob(name, {
    attempts: [anAttempt(1, { environment: environment.digest })],
    inputs: { dataSha256: null, paramsSha256: null, artifactIds: [id('file')] },
    ...changes,
  });
const record = ({ recordFinishedJobs }: RegistryParts, one: ReturnType<typeof job>): Promise<void> =>
  recordFinishedJobs('test', [{ messageId: one.jobId, job: one }]);
const describing = ({ describeNodes }: RegistryParts, ...descriptions: Description[]): Promise<void> =>
  describeNodes(
    'test',
    descriptions.map((description) => ({
      messageId: `${description.subject}:${description.revision}`,
      description,
    })),
  );
const DESCRIPTIONS = [
  descriptionOfArtifact(aFile('file', { kind: 'INPUT' })),
  descriptionOfArtifact(aFile('artifact code')),
  descriptionOfTarget(aTarget()),
  descriptionOfEnvironment(environment),
];

const told = (database: Database) =>
  database.query<{ name: string; facts: Record<string, unknown> }>(
    `select name, facts - 'jobId' as facts from node where described_by is not null order by name`,
  );

test.each(['before', 'after', 'around'] as const)('%s the job they add to what it names', async (when) => {
  const { database, parts } = await fresh();
  if (when === 'before') await describing(parts, ...DESCRIPTIONS);
  if (when === 'around') await describing(parts, ...DESCRIPTIONS.slice(0, 2));
  await record(parts, job('one'));
  await parts.recordServiceVersion('test', 'v1', aServiceVersion());
  if (when === 'around') await describing(parts, ...DESCRIPTIONS.slice(2));
  if (when === 'after') await describing(parts, ...DESCRIPTIONS);
  expect(await told(database)).toEqual([
    { name: 'Node.js 24.1.0, bubblewrap 0.8.0, linux x64', facts: { environmentDigest: environment.digest, environment: environment.environment } },
    { name: 'file.mjs', facts: { artifactId: id('file'), sha256: sha('file'), bytes: 10 } },
    { name: 'tabu 1.0.0', facts: { serviceVersionId: id('version tabu 1'), runtime: 'NODEJS', codeArtifactId: id('artifact code'), sha256: sha('artifact code'), bytes: 10 } },
    { name: 'target This machine', facts: { targetId: 'local' } },
  ]); // prettier-ignore
});

test('the newest word of a target counts, whenever it comes', async () => {
  const { database, parts } = await fresh();
  const name = async () => (await told(database)).find(({ facts }) => 'targetId' in facts)?.name;
  await describing(parts, descriptionOfTarget(aTarget({ seq: 3, name: 'third' })));
  await record(parts, job('one'));
  await describing(parts, descriptionOfTarget(aTarget({ seq: 2, name: 'second' })));
  expect(await name()).toBe('target third');
  await describing(
    parts,
    ...[5, 4].map((seq) => descriptionOfTarget(aTarget({ seq, name: `number ${seq}` }))),
  );
  expect(await name()).toBe('target number 5');
});

test('told at the same moment as the jobs that name it, it reaches every one of them', async () => {
  const { database, parts } = await fresh();
  const rounds = Array.from({ length: 12 }, (_none, index) => anEnvironment(`24.1.${index}`));
  await Promise.all(
    rounds.flatMap((one: DescribedEnvironment, index) => [
      ...[ACME, RIVAL].map((organizationId) =>
        record(
          parts,
          job(`job ${index} of ${organizationId}`, {
            organizationId,
            attempts: [anAttempt(1, { environment: one.digest })],
          }),
        ),
      ),
      describing(parts, descriptionOfEnvironment(one)),
    ]),
  );
  const known = await database.query(
    `select 1 from node where subtype = 'ENVIRONMENT' and facts ? 'environment'`,
  );
  expect(known).toHaveLength(2 * rounds.length);
});

test('an environment that another tenant ran in is not his: each has a node of its own', async () => {
  const { database, parts } = await fresh();
  await record(parts, job('one'));
  await record(parts, job('two', { organizationId: RIVAL }));
  const rows = await database.query<{ readers: string[] }>(
    `select readers from node where subtype = 'ENVIRONMENT' order by readers`,
  );
  expect(rows.map(({ readers }) => readers).sort()).toEqual([[ACME], [RIVAL]].sort());
});

/** Who reads which node of a job, by name. */
const readersOf = async (database: Database): Promise<Record<string, unknown>> => {
  const rows = await database.query<{ name: string; readers: string[]; owners: string[] }>(
    `select n.name, n.readers,
       array(select distinct e.organization_id from edge e where e.src = n.id) as owners
     from node n where n.revision > 0 order by name`,
  );
  return Object.fromEntries(
    rows.map(({ name, readers, owners }) => {
      expect(owners.filter((owner) => !readers.includes(owner))).toEqual([]);
      return [name, readers];
    }),
  );
};

test.each(['before', 'after'] as const)(
  'a job given away %s it is recorded: what it did and made is its new owner’s, all else stays',
  async (when) => {
    const { database, parts } = await fresh();
    const given = aGivenJob('one', RIVAL);
    const give = () =>
      parts.keepJobRecords('test', [{ messageId: 'given', at: '2026-11-21T00:00:00.000Z', change: given }]);
    if (when === 'before') await give();
    await record(parts, job('one', { outcomes: [anOutcome(0, { resultArtifactId: id('made') })] }));
    if (when === 'after') await give();
    expect(await readersOf(database)).toEqual({ one: [RIVAL], 'result of one': [RIVAL] });
    const others = await database.query<{ readers: string[] }>(
      `select distinct readers from node where revision = 0 and organization_id = $1`,
      [ACME],
    );
    expect(others).toEqual([{ readers: [ACME] }]);
    // A job of the new owner that uses the file is linked with the one that made it.
    await record(
      parts,
      job('two', {
        organizationId: RIVAL,
        inputs: { dataSha256: null, paramsSha256: null, artifactIds: [id('made')] },
      }),
    );
    const way = await database.query<{ way: string }>(
      `select concat_ws(' ', two.name, used.relation, other.relation, made.relation, one.name) as way
       from node two join edge used on used.src = two.id join edge other on other.src = used.dst
       join edge made on made.src = other.dst join node one on one.id = made.dst
       where two.name = 'two' and one.name = 'one'`,
    );
    expect(way).toEqual([{ way: 'two USED ALTERNATE_OF WAS_GENERATED_BY one' }]);
    expect(await heldViolations(database)).toEqual([]);
  },
);

test.each([
  ['in order', [0, 1, 2]],
  ['backwards', [2, 1, 0]],
  ['twice', [1, 0, 2, 1, 0, 2]],
])('given on and deleted, told %s: its history stays with the last owner, and says so', async (_, order) => {
  const { database, parts } = await fresh();
  const changes = [
    aGivenJob('one', RIVAL),
    aGivenJob('one', id('third'), { revision: 2 }),
    aGivenJob('one', id('third'), { revision: 3, change: 'DELETED' }),
  ];
  await record(parts, job('one'));
  for (const index of order)
    await parts.keepJobRecords('test', [
      {
        ...{ messageId: `m${index}`, at: `2026-11-2${index}T00:00:00.000Z` },
        change: changes[index] as (typeof changes)[0],
      },
    ]);
  expect(await readersOf(database)).toEqual({ one: [id('third')], 'result of one': [id('third')] });
  const [activity] = await database.query<{ facts: unknown }>(`select facts from node where name = 'one'`);
  expect(activity?.facts).toMatchObject({ outcome: 'SUCCEEDED', deletedAt: '2026-11-22T00:00:00.000Z' });
  expect(await database.query('select given_to from known_job_record')).toEqual([
    { given_to: [RIVAL, id('third')].sort() },
  ]);
});

test('a code’s hash is for everybody who may see the published version', async () => {
  const { database, parts } = await fresh();
  await parts.recordServiceVersion(
    'test',
    'v1',
    aServiceVersion({ organizationId: RIVAL, lifecycle: 'PUBLISHED' }),
  );
  await describing(parts, descriptionOfArtifact(aFile('artifact code', { organizationId: RIVAL })));
  const rows = await database.query(
    `select readers, facts ->> 'sha256' as sha256 from node where subtype = 'SERVICE_VERSION'`,
  );
  expect(rows).toEqual([{ readers: [EVERYONE], sha256: sha('artifact code') }]);
});

test('many deletions at once, and what nobody can ask for any more is forgotten', async () => {
  const database = await testDatabase(registryDatabase);
  const parts = createRegistryParts(database);
  const file = (name: string): Promise<void> =>
    parts.dataPoolNews.keepArtifact({
      ...{ artifactId: id(name), organizationId: ACME, name, kind: 'RESULT', mediaType: 'text/plain' },
      ...{ size: 1, sha256: sha(name) },
    });
  for (const name of ['free', 'held']) {
    await file(`file ${name}`);
    await record(parts, job(name, { outcomes: [anOutcome(0, { resultArtifactId: id(`file ${name}`) })] }));
  }
  const [dataset] = await database.query<{ id: number }>(
    `select id from node where facts ->> 'artifactId' = $1`,
    [id('file held')],
  );
  await database.query(
    `insert into item (node, pid, record_type, schema_version, metadata, owner_id, created_by, revision, series_id, version)
     values ($1, 'ark:/1/x', 'COMPLETE', 1, '{}', $2, $2, 1, $2, 1)`,
    [dataset?.id, id('someone')],
  );
  await database.query(`insert into item_data (node, artifact_id, size, sha256) values ($1, $2, 1, $3)`, [
    dataset?.id,
    id('file held'),
    sha('file held'),
  ]);
  const at = new Date().toISOString();
  const deletions = ['free', 'held', 'never recorded'].map((name): JobRecordNews => ({
    ...{ messageId: `deleted ${name}`, at },
    change: {
      ...{ jobId: id(name), revision: 2, change: 'DELETED', jobSeq: 4 },
      ...{ organizationId: ACME, previousOrganizationId: ACME },
    },
  }));
  await parts.keepJobRecords('test', [...deletions, ...deletions]);
  const known = async (): Promise<unknown> => ({
    files: (await database.query<{ name: string }>('select name from known_artifact')).map(
      ({ name }) => name,
    ),
    records: (await database.query('select from known_job_record')).length,
  });
  expect(await known()).toEqual({ files: ['file held'], records: 3 });
  const marked = await database.query(
    `select from node where subtype = 'JOB' and facts ->> 'deletedAt' = $1`,
    [at],
  );
  expect(marked).toHaveLength(2);
  await forgetJobRecords(database);
  expect(await known()).toEqual({ files: ['file held'], records: 3 });
  await database.query(`update known_job_record set deleted_at = now() - interval '31 days'`);
  await forgetJobRecords(database);
  expect(await known()).toEqual({ files: ['file held'], records: 1 });
});

test('a file goes with the job that made it, also one that is no result, unless something that stands holds it', async () => {
  const database = await testDatabase(registryDatabase);
  const parts = createRegistryParts(database);
  const file = (name: string, jobId: string | null): Promise<void> =>
    parts.dataPoolNews.keepArtifact({
      ...{ artifactId: id(name), organizationId: ACME, name, kind: 'RESULT', mediaType: 'text/plain' },
      ...{ size: 1, sha256: sha(name), jobId },
    });
  for (const name of ['beside', 'in a dataset', 'in a pool']) await file(name, id('gone'));
  await file('of another job', id('other'));
  await file('uploaded', null);
  await database.query(
    `with n as (
       insert into node (public_id, kind, subtype, organization_id, revision, name, facts, readers, search)
       values ($1, 'ENTITY', 'DATASET', $1, 1, 'dataset', '{}', '{}', '') returning id
     ), i as (
       insert into item (node, pid, record_type, schema_version, metadata, owner_id, created_by, revision, series_id, version)
       select id, 'ark:/1/x', 'COMPLETE', 1, '{}', $1, $1, 1, $1, 1 from n returning node
     )
     insert into item_data (node, artifact_id, size, sha256) select node, $2, 1, $3 from i`,
    [ACME, id('in a dataset'), sha('in a dataset')],
  );
  await database.query(
    `with p as (
       insert into data_pool (public_id, organization_id, owner_id, name, description, tags, grants, readers, created_by)
       values ($1, $1, $1, 'pool', '', '{}', '[]', '{}', $1) returning id
     )
     insert into data_pool_file (pool, id, name, version, artifact_id, node, size, sha256, media_type, description, added_by)
     select p.id, $1, 'file', 1, $2, n.id, 1, $3, 'text/plain', '', $1 from p, node n`,
    [ACME, id('in a pool'), sha('in a pool')],
  );
  const known = async (): Promise<string[]> =>
    (await database.query<{ name: string }>('select name from known_artifact order by name')).map(
      ({ name }) => name,
    );
  const change = {
    ...({ jobId: id('gone'), revision: 2, change: 'DELETED', jobSeq: 4 } as const),
    ...{ organizationId: ACME, previousOrganizationId: ACME },
  };
  await parts.keepJobRecords('test', [{ messageId: 'gone', at: new Date().toISOString(), change }]);
  const stays = ['of another job', 'uploaded'];
  expect(await known()).toEqual(['in a dataset', 'in a pool', ...stays]);
  // What told of the file late, and what lets go of it later, changes nothing in the end.
  await file('told late', id('gone'));
  await database.query(
    `update item set withdrawn_at = now(), withdrawn_by = owner_id, withdrawn_reason = 'test'`,
  );
  await database.query(
    `update data_pool_file set current = false, removed_at = now(), removed_by = added_by`,
  );
  await database.query(`update known_job_record set deleted_at = now() - interval '31 days'`);
  await forgetJobRecords(database);
  expect(await known()).toEqual(stays);
  expect(await database.query('select from known_job_record')).toEqual([]);
});
