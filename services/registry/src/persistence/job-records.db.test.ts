import { testDatabase } from '@weft/testkit';
import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { createRegistryParts, registryDatabase } from '../context.js';
import { recordIdOfJob } from '../domain/job-record.js';
import { ACME, aSucceededJob, id } from '../testing/finished-jobs.js';
import { graphReader } from './graph-reader.js';
import { lineageStore } from './lineage-store.js';
import { publicId } from './public-id.js';
import { recordReader } from './record-reader.js';

// A plan is kept for as long as its connection: one of the time when there were few nodes reads all of them ever after.
it('what jobs say is looked up one by one, also by a planner that knows of a few rows only', async () => {
  const database = await testDatabase(registryDatabase);
  const job = aSucceededJob('make');
  await createRegistryParts(database).recordFinishedJobs('test', [{ messageId: job.jobId, job }]);
  await database.query('analyze');
  const viewer = { principals: [ACME], organizations: [ACME] };
  const record = recordIdOfJob(publicId(`job/${id('make')}`));
  const link = { from: 1, to: 2, relation: 'USED', role: 'data' } as const;
  const sent = vi.spyOn(pg.Client.prototype, 'query');
  const graph = graphReader(database);
  await graph.recorded(viewer, [1, 2], 10);
  await graph.ofRecord(viewer, record, 10);
  const records = recordReader(database);
  await records.statementsOfJobs(viewer, [1]);
  await records.ofNodes(viewer, [1], { first: 10, after: undefined });
  await lineageStore(database).recordsOf(viewer, [link]);
  const asked = sent.mock.calls.map(([config]) => config as unknown as { name: string; text: string });
  sent.mockRestore();
  const ofJobs = asked.filter(({ text }) => text.includes(`j.subtype = 'JOB'`));
  expect(ofJobs.map(({ name }) => name)).toEqual([
    ...['export-of-jobs', 'export-of-job', 'statements-of-jobs', 'jobs-of-nodes', 'lineage-records'],
  ]);
  for (const { name, text } of ofJobs) {
    const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (generic_plan, costs off) ${text}`);
    const whole = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect.soft([name, whole]).toEqual([name, expect.not.stringMatching(/hashed SubPlan|Seq Scan/)]);
  }
});
