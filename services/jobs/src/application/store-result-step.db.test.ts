import { randomUUID } from 'node:crypto';
import { type RegistryJob } from '@weft/contracts';
import { aUser } from '@weft/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { startEngine, succeeded, type Engine } from '../testing/engine.js';
import {
  aRegistration,
  askerOf,
  aWorkflow,
  claimRegistrations,
  askingOf,
  type Asking,
} from '../testing/registrations.js';
import { deleteJob } from './keep-record.js';

let engine: Engine;
let asking: Asking;
beforeEach(async () => {
  engine = await startEngine();
  asking = askingOf(engine);
});

describe('a step that needs the value of a result', () => {
  const VALUE = '{ "a" : 1.0, "b": {"$from": "nowhere"} }';
  const made = async (): Promise<string> => {
    const id = await engine.submit();
    const [attempt] = await engine.claim();
    if (attempt === undefined) throw new Error('nothing to claim');
    await engine.report(attempt, 'FINISHED', [{ ...succeeded(0), result: VALUE }]);
    return id;
  };
  const asked = async (resultOf: RegistryJob['resultOf'], organizationId = engine.organizationId) => {
    const { steps, ...workflow } = aWorkflow({ ...askerOf(engine), organizationId });
    const store = { ...aRegistration('store', { operation: 'STORE_RESULT', params: {} }), key: 'store', needs: [], resultOf }; // prettier-ignore
    await asking.start.workflow({ ...workflow, steps: [...steps, store] }, 'correlation-1');
    return (await claimRegistrations(engine)).find(({ jobName }) => jobName === 'store')?.data;
  };

  it('is given it as it was, to the byte, whatever becomes of the job afterwards', async () => {
    const jobId = await made();
    const data = asked({ jobId, itemIndex: 0 });
    expect(await data).toEqual({ by: 'value', json: VALUE });
    expect((await deleteJob(engine.ports, engine.user, jobId)).ok).toBe(true);
    expect(await engine.database.query(`select data::text as data from job_input where data is not null`)).toEqual([{ data: VALUE }]); // prettier-ignore
    // Told again, and the job is gone: there is nothing to give any more.
    expect(await asked({ jobId, itemIndex: 0 })).toEqual({ by: 'none' });
  });

  it("is given nothing of another's job, of none, or of an item that there is not", async () => {
    const jobId = await made();
    expect(await asked({ jobId, itemIndex: 0 }, aUser().personalOrganizationId)).toEqual({ by: 'none' });
    expect(await asked({ jobId, itemIndex: 1 })).toEqual({ by: 'none' });
    expect(await asked({ jobId: randomUUID(), itemIndex: 0 })).toEqual({ by: 'none' });
  });

  it('goes on by itself when another step fails', async () => {
    const { workflowId } = await asking.workflow();
    const [row] = await engine.database.query<{ policy: string }>('select on_failure as policy from batch where id = $1', [workflowId]); // prettier-ignore
    expect(row?.policy).toBe('CONTINUE');
  });
});
