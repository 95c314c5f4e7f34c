import type { Database } from '@weft/database';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { OwnersOfRuns1700000016000 } from '../persistence/migrations/0016-owners-of-runs.js';
import { askerOf, type Asker } from '../testing/ask.js';
import { ACME, RIVAL } from '../testing/finished-jobs.js';
import { ADA, aMember, type Refused, type ShownItem } from '../testing/item-steps.js';
import { aLaboratory, type Laboratory } from '../testing/model-run-steps.js';

const BOTH = aMember('ada', 'OWNER', [ACME, RIVAL]);

describe('runs that say the same', () => {
  let database: Database;
  let lab: Laboratory;
  beforeAll(async () => {
    database = await testDatabase(registryDatabase);
    lab = await aLaboratory(database);
    await lab.runJobs();
  });
  afterAll(() => database.close());

  /** A run that makes nothing, so that only what it says tells it from another. */
  const bare = (name: string) => lab.aRecord({ displayName: name, ...NO_OUTPUT });
  const NO_OUTPUT = { outputs: [] };
  let template: ShownItem;
  beforeAll(async () => {
    template = await lab.done('createItem', {
      subtype: 'MODEL_RUN_WORKFLOW_TEMPLATE',
      metadata: {
        ...{ name: 'Looking', modelId: lab.model.id, outputTemplates: [] },
        inputTemplates: [{ templateId: lab.wind.id }],
      },
    });
  });
  const aLook = async (name: string) => ({ ...(await bare(name)), workflowTemplateId: template.id });
  const registered = async (record: Record<string, unknown>, more = {}, actor = BOTH): Promise<ShownItem> => {
    const { item, userErrors } = await lab.register(record, more, actor);
    if (item === null) throw new Error(JSON.stringify(userErrors));
    return item;
  };
  const update = async (input: object): Promise<readonly Refused[]> => {
    const answer = await lab.ask.data<{ updateModelRun: { userErrors: Refused[] } }>(
      `mutation ($input: UpdateModelRunInput!) { updateModelRun(input: $input) { userErrors { code message path } } }`,
      { input },
      ADA,
    );
    return answer.updateModelRun.userErrors;
  };

  test('are refused with the name of the first, if that may be read, also in a trial', async () => {
    const record = await aLook('first');
    const first = await registered(record);
    expect((await lab.register(record)).userErrors).toMatchObject([
      { code: 'MODEL_RUN_DUPLICATE', message: expect.stringContaining(first.pid) as string },
    ]);
    const other = await registered({ ...record, displayName: 'other' });
    for (const more of [{ trial: true }, { reason: 'r' }])
      expect(await update({ id: other.id, record, ...more })).toMatchObject([
        { code: 'MODEL_RUN_DUPLICATE', message: expect.stringContaining(first.pid) as string },
      ]);
    await lab.done('setItemAccess', { id: first.id, grants: [] });
    const [told] = (await lab.register(record, {}, aMember('bob'))).userErrors;
    expect(told).toMatchObject({
      code: 'MODEL_RUN_DUPLICATE',
      message: expect.not.stringContaining(first.pid) as string,
    });
  });

  /** The graph of a service that is overtaken: just before it first sends this statement, something else is done. */
  const overtaken = async (name: string, first: () => Promise<unknown>): Promise<Asker> => {
    let waits = true;
    const slow: Database = {
      ...database,
      transaction: (work) =>
        database.transaction((tx) =>
          work({
            ...tx,
            async query(statement, values) {
              if (waits && typeof statement === 'object' && statement.name === name) {
                waits = false;
                await first();
              }
              return tx.query(statement, values);
            },
          }),
        ),
    };
    return askerOf(database, undefined, createRegistryParts(slow));
  };

  test.each([
    ['registerModelRun', 'runs-insert'],
    ['updateModelRun', 'run-rewrite'],
    ['transferItem', 'item-set-access'],
  ])(
    '%s that is overtaken by the registration of a twin is refused with its name',
    async (mutation, statement) => {
      const record = await aLook(`wanted by ${mutation}`);
      const isTransfer = mutation === 'transferItem';
      const run = await registered({
        ...record,
        ...(isTransfer ? {} : { displayName: `other of ${mutation}` }),
      });
      let twin: ShownItem | undefined;
      const ask = await overtaken(statement, async () => {
        twin = await registered(record, { organizationId: isTransfer ? RIVAL : ACME });
      });
      const inputs: Record<string, object> = {
        registerModelRun: { record },
        updateModelRun: { id: run.id, record, reason: 'r' },
        transferItem: { id: run.id, organizationId: RIVAL },
      };
      const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
      const answer = await ask.data<Record<string, { userErrors: Refused[] }>>(
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message path } } }`,
        { input: inputs[mutation] },
        BOTH,
      );
      expect(answer[mutation]?.userErrors).toMatchObject([
        { code: 'MODEL_RUN_DUPLICATE', message: expect.stringContaining(twin?.pid ?? '?') as string },
      ]);
    },
  );

  test('are looked for where a run belongs now', async () => {
    const record = await aLook('moved');
    const moved = await registered(record);
    await lab.done('transferItem', { id: moved.id, organizationId: RIVAL }, BOTH);
    // It is known there, and no more here.
    expect((await lab.register(record, { organizationId: RIVAL }, BOTH)).userErrors).toMatchObject([
      { code: 'MODEL_RUN_DUPLICATE', message: expect.stringContaining(moved.pid) as string },
    ]);
    const second = await registered(record, { organizationId: ACME });
    expect(await lab.refused('transferItem', { id: second.id, organizationId: RIVAL }, BOTH)).toEqual([
      'MODEL_RUN_DUPLICATE input.organizationId',
    ]);
    await lab.done('transferItem', { id: second.id, ownerId: ADA.id }, BOTH);
    expect((await lab.item(second.id, 'id', BOTH))?.id).toBe(second.id);
  });

  test('what was transferred before that was known is put right, where it can be', async () => {
    const record = await aLook('early');
    const [one, two, three] = [
      await registered(record),
      await registered({ ...record, displayName: 'early, too' }),
      await registered(record, { organizationId: RIVAL }),
    ];
    for (const { id } of [one, two])
      await database.query(
        `update node set organization_id = (select organization_id from node where public_id = $2) where public_id = $1`,
        [id, three.id],
      );
    const runner = database.dataSource.createQueryRunner();
    await new OwnersOfRuns1700000016000().up(runner);
    await runner.release();
    const owners = await database.query<{ id: string; organization: string }>(
      `select n.public_id as id, m.organization_id as organization from model_run m join node n on n.id = m.node
       where n.public_id = any ($1::uuid[]) order by m.node`,
      [[one.id, two.id, three.id]],
    );
    expect(owners.map(({ organization }) => organization)).toEqual([ACME, RIVAL, RIVAL]);
  });
});
