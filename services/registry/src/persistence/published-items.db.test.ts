import { testDatabase } from '@weft/testkit';
import { expect, test } from 'vitest';
import type { PidPublication, Pids } from '../application/pid-ports.js';
import { createRegistryParts, registryDatabase } from '../context.js';
import { ADA, itemSteps } from '../testing/item-steps.js';
import { withoutFiles } from '../testing/without-files.js';

test('of an item that everyone may read, the world is told with the activity that made it, whichever came first', async () => {
  const database = await testDatabase(registryDatabase);
  const steps = await itemSteps(database);
  let told: PidPublication[] = [];
  const pids: Pids = {
    mint: () => `doi:10.5072/w1${told.length}${Math.random()}`,
    publish: async (_, publications) => void told.push(...publications),
    retire: () => Promise.resolve(),
  };
  const { itemCases, operations } = createRegistryParts(database, { pids });
  const asked = 'workflow { id steps { key job { id } } activity { id pid } }';
  const workflowOf = async (itemId: string) =>
    (await steps.item(itemId, asked))?.['workflow'] as {
      readonly id: string;
      readonly activity: { readonly pid: string };
    };
  const register = async (itemId: string): Promise<string> => {
    await operations['REGISTER_CREATE_ACTIVITY']?.(
      { workflowId: (await workflowOf(itemId)).id },
      {
        ...{ jobId: itemId, attempt: 1, organizationId: itemId, userId: ADA.id, correlationId: 'test' },
        ...{ signal: new AbortController().signal, progress: () => undefined },
        ...withoutFiles,
      },
    );
    return (await workflowOf(itemId)).activity.pid;
  };
  const open = (itemId: string) =>
    itemCases.setItemAccess(
      { actor: ADA, correlationId: 'test' },
      { id: itemId, grants: [{ kind: 'EVERYONE', principalId: null, roles: ['METADATA_READ'] }] },
    );
  const heard = () => told.map(({ pid, record }) => `${pid} ${record.type}`).sort();

  const [first, second] = [await steps.aModel(), await steps.aModel()];
  const activity = await register(first.id);
  expect(heard()).toEqual([]);
  await open(first.id);
  expect(heard()).toEqual([`${first.pid} MODEL`, `${activity} CREATE`].sort());

  told = [];
  await open(second.id);
  expect(heard()).toEqual([`${second.pid} MODEL`]);
  expect(new Set([`${second.pid} MODEL`, `${await register(second.id)} CREATE`])).toEqual(new Set(heard()));
  await database.close();
});
