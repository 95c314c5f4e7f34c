import { crateFaults } from '@weft/lineage-formats';
import { testDatabase } from '@weft/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryDatabase } from '../context.js';
import { crateSteps, type CrateSteps, type OtherThings } from '../testing/crate-steps.js';
import {
  aFailedJob,
  anOutcome,
  aServiceVersion,
  aSucceededJob,
  id,
  RIVAL,
  sha,
} from '../testing/finished-jobs.js';
import { aMember } from '../testing/item-steps.js';

const GRID = 'depth,1\n';
let steps: CrateSteps;

describe('the archive of a workflow', () => {
  const workflow = id('workflow tides');
  const step = (name: string, needs: string[], changes: Parameters<typeof aSucceededJob>[1] = {}) =>
    aSucceededJob(name, { batchId: workflow, needs: needs.map(id), ...changes });
  const inputs = (data: string | null, artifactIds: string[] = []) => ({
    ...{ dataSha256: data && sha(data), paramsSha256: sha('{}'), artifactIds },
  });
  const at = (second: number) => `2026-11-20T11:00:0${second}.000Z`;
  const made: OtherThings = {
    files: {
      [id('grid')]: { name: 'grid.csv', content: GRID },
      [id('mesh')]: { name: 'grid.csv', content: 'mesh' },
      [id('artifact code')]: { name: 'tabu.mjs', content: 'export const run = () => 1;' },
    },
    values: {
      [`${id('prepare')}/params`]: '{}',
      [`${id('prepare')}/result/1`]: '[1]',
      [`${id('solve again')}/result/0`]: '"solved"',
    },
    logs: { [id('prepare')]: 'one\n', [id('solve again')]: 'two\n' },
  };

  beforeAll(async () => {
    steps = await crateSteps(await testDatabase(registryDatabase));
    await steps.parts.recordServiceVersion('test', 'v1', aServiceVersion());
    const jobs = [
      // Heard in another order than they ran, and one of them was repeated.
      step('solve again', ['prepare'], {
        retryOf: id('solve'),
        startedAt: at(5),
        endedAt: at(6),
        inputs: inputs('[1]', [id('mesh')]),
        outcomes: [anOutcome(0, { resultSha256: sha('"solved"') })],
      }),
      step('prepare', [], {
        startedAt: at(1),
        endedAt: at(2),
        inputs: inputs(null, [id('grid')]),
        itemsTotal: 2,
        outcomes: [
          anOutcome(0, { resultArtifactId: id('mesh'), resultSha256: sha('mesh') }),
          anOutcome(1, { resultSha256: sha('[1]') }),
        ],
      }),
      aFailedJob('solve', { batchId: workflow, needs: [id('prepare')], inputs: inputs('[1]', [id('mesh')]) }),
    ];
    for (const job of jobs) await steps.parts.recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  });

  test('is a Provenance Run Crate: its steps, who controlled them, and files that go from one to the next', async () => {
    const asked = await steps.asked({ workflowId: workflow });
    const packed = await steps.pack(asked, made);
    expect(crateFaults(packed.crate, 'provenance')).toEqual([]);
    expect(packed.crate.files.map(({ path }) => path).sort()).toEqual([
      'steps/1/code/tabu.mjs',
      'steps/1/inputs/grid.csv',
      'steps/1/inputs/params.json',
      'steps/1/logs/log.txt',
      'steps/1/results/grid.csv',
      'steps/1/results/result-1.json',
      'steps/2/logs/log.txt',
      'steps/2/results/result-0.json',
      'workflow.json',
    ]);
    expect(packed.result).toMatchObject({ fileCount: 9, missingCount: 0 });

    const actions = packed.metadata['@graph'].filter((entity) => entity['@type'] === 'CreateAction');
    const [run, prepare, solve] = ['workflow', 'prepare', 'solve again'].map((name) =>
      actions.find((action) => String(action['name']).toLowerCase().startsWith(name)),
    );
    const idsOf = (value: unknown) =>
      (Array.isArray(value) ? value : [value]).map((one) => (one as { '@id': string })['@id']);
    expect(actions).toHaveLength(3);
    // What the first made the second used, files and values alike.
    const passed = ['steps/1/results/grid.csv', 'steps/1/results/result-1.json'];
    expect(idsOf(prepare?.['result']).sort()).toEqual(passed);
    expect(idsOf(solve?.['object'])).toEqual(expect.arrayContaining(passed));
    expect(idsOf(run?.['object']).sort()).toEqual(['steps/1/inputs/grid.csv', 'steps/1/inputs/params.json']);
    expect(idsOf(run?.['result'])).toEqual(['steps/2/results/result-0.json']);
    expect(run).toMatchObject({
      instrument: { '@id': 'workflow.json' },
      startTime: at(1),
      endTime: at(6),
      actionStatus: { '@id': 'http://schema.org/CompletedActionStatus' },
    });
    expect(packed.metadata['@graph'].filter((entity) => entity['@type'] === 'OrganizeAction')).toHaveLength(
      1,
    );
    expect(packed.entity('#step-2')).toMatchObject({
      '@type': 'HowToStep',
      name: 'solve again',
      position: '1',
    });
    expect(JSON.parse(packed.files.get('workflow.json')?.toString() ?? '')).toMatchObject({
      workflow,
      steps: [
        { position: 1, name: 'prepare', job: id('prepare'), needs: [], code: { name: 'tabu 1.0.0' } },
        { position: 2, name: 'solve again', job: id('solve again'), needs: [1] },
      ],
    });
  });

  test('is listed with its workflow, and not with the jobs that are its steps', async () => {
    const asked = await steps.asked({ workflowId: workflow });
    const list = `roCrateArchives(first: 1) { edges { node { id workflowId } } }`;
    const { _entities } = await steps.ask.data<{ _entities: object[] }>(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Workflow { ${list} } ... on Job { ${list} } } }`,
      {
        of: [
          { __typename: 'Workflow', id: workflow },
          { __typename: 'Job', id: id('prepare') },
        ],
      },
    );
    expect(_entities).toEqual([
      { roCrateArchives: { edges: [{ node: { id: asked.id, workflowId: workflow } }] } },
      { roCrateArchives: { edges: [] } },
    ]);
  });

  test('is nothing to another tenant', async () => {
    const rival = aMember('rival', 'OWNER', [RIVAL]);
    expect((await steps.tryToAsk({ workflowId: workflow }, rival)).refusals).toEqual([
      'NOT_FOUND input.workflowId',
    ]);
  });
});
