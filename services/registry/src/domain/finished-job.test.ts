import { describe, expect, test } from 'vitest';
import {
  aCancelledJob,
  ACME,
  aFailedJob,
  anAttempt,
  anOutcome,
  aSucceededJob,
  id,
  sha,
} from '../testing/finished-jobs.js';
import { statementsOfJob, type FinishedJob } from './finished-job.js';
import type { Statements } from './statement.js';

const told = (job: unknown): Statements => statementsOfJob(job as FinishedJob);
const edgesOf = ({ edges }: Statements) =>
  edges.map(({ from, relation, to, role }) => `${from} ${relation} ${to} ${role}`.trim()).sort();
const nodeOf = ({ nodes }: Statements, identity: string) => nodes.find((node) => node.identity === identity);

const activity = `job/${id('fit')}`;
const ada = `${ACME}/user/${id('user ada')}`;

describe('the provenance of a finished job', () => {
  test('of one that succeeded: what it used, who acted, what it made', () => {
    const statements = told(
      aSucceededJob('fit', { inputs: { dataSha256: 'd', paramsSha256: 'p', artifactIds: ['a'] } }),
    );
    const result = `job/${id('fit')}/result/0`;
    expect(edgesOf(statements)).toEqual(
      [
        `${activity} USED ${ACME}/value/d data`,
        `${activity} USED ${ACME}/value/p params`,
        `${activity} USED ${ACME}/artifact/a artifact`,
        `${activity} USED service-version/${id('version tabu 1')} code`,
        `${activity} WAS_ASSOCIATED_WITH ${ada} submitter`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/organization on behalf of`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/worker/worker-1 worker`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/target/local target`,
        `${ACME}/worker/worker-1 ACTED_ON_BEHALF_OF ${ada} within activities`,
        `${ada} ACTED_ON_BEHALF_OF ${ACME}/organization within activities`,
        `${result} WAS_ATTRIBUTED_TO ${ada}`,
        `${result} WAS_GENERATED_BY ${activity} result`,
      ].sort(),
    );
    expect(nodeOf(statements, activity)).toMatchObject({
      kind: 'ACTIVITY',
      name: 'fit',
      facts: { outcome: 'SUCCEEDED', jobId: id('fit') },
    });
    expect(nodeOf(statements, result)).toMatchObject({
      subtype: 'RESULT',
      name: 'result of fit',
      facts: { sha256: sha('result of fit') },
    });
  });

  test.each([
    ['failed', aFailedJob('fit'), 'FAILED', 1],
    ['was cancelled before it began', aCancelledJob('fit'), 'CANCELLED', 0],
  ] as const)('of one that %s: an activity, and no result', (_, job, outcome, workers) => {
    const statements = told(job);
    expect(nodeOf(statements, activity)?.facts.outcome).toBe(outcome);
    expect(statements.nodes.filter((node) => node.subtype === 'RESULT')).toEqual([]);
    expect(statements.edges.filter((edge) => edge.role === 'worker')).toHaveLength(workers);
    expect(statements.edges.filter((edge) => edge.relation === 'USED')).toHaveLength(3);
  });

  test('equal data and params are one entity in two roles', () => {
    const statements = told(
      aSucceededJob('fit', { inputs: { dataSha256: 'same', paramsSha256: 'same', artifactIds: [] } }),
    );
    expect(statements.nodes.filter((node) => node.identity.endsWith('/value/same'))).toHaveLength(1);
    expect(
      statements.edges.filter((edge) => edge.to.endsWith('/value/same')).map((edge) => edge.role),
    ).toEqual(['data', 'params']);
  });

  test('only items that succeeded have a result, each its own', () => {
    const outcomes = [
      anOutcome(0),
      anOutcome(1, { state: 'FAILED' }),
      anOutcome(2, { resultArtifactId: 'big' }),
    ];
    const statements = told(aFailedJob('fit', { itemsTotal: 3, outcomes, attempts: [anAttempt(1)] }));
    const made = statements.edges
      .filter((edge) => edge.relation === 'WAS_GENERATED_BY')
      .map((edge) => nodeOf(statements, edge.from));
    expect(made.map((node) => node?.name)).toEqual(['result 0 of fit', 'result 2 of fit']);
    expect(made[1]).toMatchObject({
      identity: `${ACME}/artifact/big`,
      facts: { artifactId: 'big', itemIndex: 2 },
    });
  });

  test('the workers of all attempts are agents, in roles that tell whose work was accepted', () => {
    const attempts = [
      anAttempt(1, { outcome: 'LOST' }),
      anAttempt(2, { environment: 'good' }),
      anAttempt(3, { outcome: 'FAILED', environment: 'bad' }),
      anAttempt(4, { outcome: 'RELEASED' }),
    ];
    const statements = told(aSucceededJob('fit', { attempts, outcomes: [anOutcome(0, { attempt: 2 })] }));
    expect(
      edgesOf(statements).filter((edge) => / worker\/|\/(worker|target|environment)\//.test(edge)),
    ).toEqual(
      [
        `${activity} USED ${ACME}/environment/bad environment of a failed attempt`,
        `${activity} USED ${ACME}/environment/good environment`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/target/local target`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/worker/worker-1 lost worker`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/worker/worker-2 worker`,
        `${activity} WAS_ASSOCIATED_WITH ${ACME}/worker/worker-3 failed worker`,
        ...[1, 2, 3].map((n) => `${ACME}/worker/worker-${n} ACTED_ON_BEHALF_OF ${ada} within activities`),
      ].sort(),
    );
  });

  test('a job whose workers were all lost says who had it and where', () => {
    const attempts = [1, 2, 3].map((n) => anAttempt(n, { outcome: 'LOST' }));
    const statements = told(
      aFailedJob('fit', { attempts, outcomes: [anOutcome(0, { state: 'FAILED', attempt: 3 })] }),
    );
    expect(statements.edges.filter(({ role }) => role === 'lost worker')).toHaveLength(3);
    expect(statements.edges.filter(({ role }) => role === 'target')).toHaveLength(1);
  });

  test('results of other steps that went into it by value are used as what they are', () => {
    const results = [
      { jobId: 'a', place: 'DATA', items: [[0, 1]] },
      { jobId: 'b', place: 'ITEMS', items: [[2, 2]] },
    ];
    const inputs = { dataSha256: 'd', paramsSha256: null, artifactIds: [], results };
    const statements = told({ ...aSucceededJob('fit'), inputs });
    expect(edgesOf(statements).filter((edge) => edge.includes(' USED job/'))).toEqual([
      `${activity} USED job/a/result/0 data`,
      `${activity} USED job/a/result/1 data`,
      `${activity} USED job/b/result/2 params of items`,
    ]);
    expect(nodeOf(statements, 'job/a/result/1')?.revision).toBe(0);
  });

  test('each result comes from what its item brought', () => {
    const outcomes = ['a', 'b', null].map((paramsSha256, index) =>
      anOutcome(index, { paramsSha256, state: index === 1 ? 'FAILED' : 'SUCCEEDED' }),
    );
    const untried = anOutcome(3, { paramsSha256: 'c', state: 'CANCELLED', attempt: null });
    const statements = told(aFailedJob('fit', { itemsTotal: 4, outcomes: [...outcomes, untried] }));
    expect(
      edgesOf(statements).filter((edge) => edge.includes(' item ') || edge.includes('WAS_DERIVED_FROM')),
    ).toEqual([
      `${activity} USED ${ACME}/value/a item 0`,
      `${activity} USED ${ACME}/value/b item 1`,
      `job/${id('fit')}/result/0 WAS_DERIVED_FROM ${ACME}/value/a`,
    ]);
  });

  test('a retry follows from the job it retries, which it only mentions', () => {
    const statements = told(aSucceededJob('fit', { retryOf: id('first') }));
    expect(edgesOf(statements)).toContain(`${activity} WAS_INFORMED_BY job/${id('first')}`);
    expect(nodeOf(statements, `job/${id('first')}`)?.revision).toBe(0);
  });

  test('a result carried over from the retried job is a new entity derived from the one made there', () => {
    const outcomes = [
      anOutcome(0, { attempt: null, resultArtifactId: 'big' }),
      anOutcome(1, { attempt: null }),
      anOutcome(2),
    ];
    const statements = told(aSucceededJob('fit', { retryOf: id('first'), itemsTotal: 3, outcomes }));
    const result = (job: string, index: number) => `job/${id(job)}/result/${index}`;
    expect(edgesOf(statements)).toEqual(
      expect.arrayContaining([
        `${result('fit', 0)} WAS_GENERATED_BY ${activity} carried`,
        `${result('fit', 0)} WAS_DERIVED_FROM ${ACME}/artifact/big`,
        `${result('fit', 1)} WAS_GENERATED_BY ${activity} carried`,
        `${result('fit', 1)} WAS_DERIVED_FROM ${result('first', 1)}`,
        `${result('fit', 2)} WAS_GENERATED_BY ${activity} result`,
      ]),
    );
    expect(nodeOf(statements, `${ACME}/artifact/big`)?.revision).toBe(0);
  });

  test('every end of an edge is among the nodes, and every node comes once', () => {
    for (const job of [
      aSucceededJob('fit', { retryOf: id('first') }),
      aFailedJob('fit'),
      aCancelledJob('fit'),
    ]) {
      const { nodes, edges } = told(job);
      const identities = nodes.map((node) => node.identity);
      expect(new Set(identities).size).toBe(identities.length);
      for (const edge of edges) expect(identities).toEqual(expect.arrayContaining([edge.from, edge.to]));
    }
  });

  test('whose the service version is, a job does not claim to know', () => {
    expect(nodeOf(told(aSucceededJob('fit')), `service-version/${id('version tabu 1')}`)).toMatchObject({
      organizationId: null,
      revision: 0,
    });
  });
});
