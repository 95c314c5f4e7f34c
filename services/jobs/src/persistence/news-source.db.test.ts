import type { JobChanged } from '@weft/contracts';
import { beforeAll, expect, it } from 'vitest';
import { announceJob } from '../messaging/publishes.js';
import { startEngine, succeeded, type Engine } from '../testing/engine.js';
import { createRewriteNews } from './news-source.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const rewritten = async (jobId: string): Promise<JobChanged[][]> => {
  const rows = await engine.database.query<{ source: string }>(
    `select source from outbox where source like $1 order by position`,
    [`${jobId}:%`],
  );
  const sources = rows.map((row) => row.source);
  const news = await createRewriteNews(engine.database, announceJob)(sources);
  return sources.map((source) =>
    (news.get(source) ?? []).map(({ body }) => (JSON.parse(body) as { payload: JobChanged }).payload),
  );
};

it('news are written again as they were told, the facts of the job with the last of them', async () => {
  const id = await engine.submit();
  const [attempt] = await engine.claim();
  if (attempt === undefined) throw new Error('nothing was claimed');
  expect(await engine.report(attempt, 'FINISHED', [succeeded(0)])).toEqual({ standing: 'accepted' });
  expect(await rewritten(id)).toMatchObject([
    [{ seq: 1, state: 'PENDING', endedAt: null, attempts: [], outcomes: [] }],
    [{ seq: 3, state: 'IN_PROGRESS', attempts: [], outcomes: [], transitions: [{ seq: 2 }, { seq: 3 }] }],
    [
      {
        seq: 4,
        state: 'SUCCEEDED',
        attempts: [{ outcome: 'SUCCEEDED' }],
        outcomes: [{ state: 'SUCCEEDED' }],
      },
    ],
  ]);
  const elsewhere = await engine.submit();
  await engine.database.query('delete from job where id = $1', [id]);
  expect(await rewritten(id)).toEqual([[], [], []]);
  expect(await rewritten(elsewhere)).toMatchObject([[{ jobId: elsewhere, seq: 1 }]]);
});
