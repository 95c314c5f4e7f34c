import { beforeAll, describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../domain/schema-check.js';
import type { WebhookRequest } from '../domain/webhook/webhook.js';
import { inTime } from '../in-time.js';
import { failed, startEngine, succeeded, type Engine } from '../testing/engine.js';
import { cancelJob } from './cancel-job.js';
import type { Ports } from './ports.js';
import { retryJob } from './retry-job.js';
import { submitJob } from './submit-job.js';

const webhook: WebhookRequest = { url: 'https://hooks.dev/weft?token=t0p', secret: null };
const schemas = createSchemaChecker(inTime);

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

interface Row {
  readonly state: string;
  readonly body: string | null;
  readonly due: boolean;
}

async function webhookOf(jobId: string): Promise<Row | undefined> {
  const rows = await engine.database.query<Row>(
    `select state, body, due_at <= now() as due from job_webhook where job_id = $1`,
    [jobId],
  );
  return rows[0];
}

/** Claims and reports until nothing of the job is left. */
async function run(jobId: string, how: 'succeed' | 'fail'): Promise<void> {
  let count = 0;
  for (;;) {
    const attempt = (await engine.claim()).find((one) => one.jobId === jobId);
    if (attempt === undefined) break;
    const items = attempt.items.map(({ index }) => (how === 'succeed' ? succeeded(index) : failed(index)));
    await engine.report(attempt, 'FINISHED', items);
    count++;
  }
  expect(count).toBeGreaterThan(0);
}

const submit = (overrides: Parameters<Engine['submission']>[0], ports: Ports = engine.ports) =>
  submitJob(ports, schemas, engine.user.id, 'correlation-1', engine.submission({ webhook, ...overrides }));

describe('the message of a webhook', () => {
  it('is written by whatever ends the job, with the facts of that moment and no result', async () => {
    const ends = {
      succeeded: async (id: string) => run(id, 'succeed'),
      failed: async (id: string) => run(id, 'fail'),
      cancelled: async (id: string) => void (await cancelJob(engine.ports, engine.user, id)),
    };
    for (const [state, end] of Object.entries(ends)) {
      const id = await engine.submit({
        webhook,
        name: `"${state}" \\ ü`,
        tags: ['a', 'b'],
        data: '"hidden"',
      });
      expect(await webhookOf(id)).toMatchObject({ state: 'WAITING', body: null });
      await end(id);
      const row = await webhookOf(id);
      expect(row).toMatchObject({ state: 'PENDING', due: true });
      const job = await engine.job(id);
      expect(JSON.parse(row?.body ?? '')).toEqual({
        type: `job.${state}`,
        timestamp: job.endedAt?.toISOString(),
        data: {
          jobId: id,
          name: `"${state}" \\ ü`,
          kind: 'MANAGED_SERVICE',
          state: state.toUpperCase(),
          organizationId: engine.organizationId,
          targetId: 'local-process',
          serviceVersionId: engine.version.id,
          tags: ['a', 'b'],
          retryOf: null,
          correlationId: 'correlation-1',
          submittedAt: job.submittedAt.toISOString(),
          startedAt: job.startedAt?.toISOString() ?? null,
          endedAt: job.endedAt?.toISOString(),
          attempts: state === 'cancelled' ? 0 : 1,
          counts: {
            total: 1,
            succeeded: Number(state === 'succeeded'),
            failed: Number(state === 'failed'),
            cancelled: Number(state === 'cancelled'),
          },
        },
      });
    }
  });

  it('comes and goes with the transaction that ends the job', async () => {
    const id = await engine.submit({ webhook });
    const doomed: Ports = {
      ...engine.ports,
      transact: (work) =>
        engine.ports.transact(async (tx) => {
          await work(tx);
          throw new Error('lost before the commit');
        }),
    };
    await expect(cancelJob(doomed, engine.user, id)).rejects.toThrow('lost before the commit');
    expect(await webhookOf(id)).toMatchObject({ state: 'WAITING' });
    await cancelJob(engine.ports, engine.user, id);
    expect(await webhookOf(id)).toMatchObject({ state: 'PENDING' });
  });

  it('waits for the end of the whole job, also when items were retried in between', async () => {
    const id = await engine.submit({ webhook, items: [null, null, null] });
    const first = (await engine.claim()).find((one) => one.jobId === id);
    if (first === undefined) throw new Error('not claimed');
    const items = first.items.map(({ index }) => failed(index));
    await engine.report(first, 'FINISHED', items);
    expect(await retryJob(engine.ports, engine.user, 'c', id, 'FAILED')).toMatchObject({ ok: true });
    expect(await webhookOf(id)).toMatchObject({ state: 'WAITING' });
    await run(id, 'succeed');
    expect(await webhookOf(id)).toMatchObject({ state: 'PENDING' });
  });

  it('costs a job without a webhook no call', async () => {
    const [silent, told] = [await engine.submit(), await engine.submit({ webhook })];
    const [kept] = await engine.database.query<{ definition: string }>(
      `select pg_get_functiondef(oid) as definition from pg_proc where proname = 'write_job_webhook'`,
    );
    await engine.database.query(
      `create or replace function write_job_webhook() returns trigger language plpgsql as $$ begin raise 'entered'; end $$`,
    );
    expect(await cancelJob(engine.ports, engine.user, silent)).toMatchObject({ ok: true });
    await expect(cancelJob(engine.ports, engine.user, told)).rejects.toThrow('entered');
    await engine.database.query((kept as { definition: string }).definition);
  });
});

describe('a submission with a webhook', () => {
  it('shows a secret that was made here once, and keeps none that could be read', async () => {
    const given = `whsec_${Buffer.alloc(32, 0x5a).toString('base64')}`;
    const made = await submit({ idempotencyKey: 'made' });
    const again = await submit({ idempotencyKey: 'made' });
    const own = await submit({ webhook: { ...webhook, secret: given } });
    if (!made.ok || !again.ok || !own.ok) throw new Error('refused');
    expect(made.value.webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(again.value).toEqual({ jobId: made.value.jobId, repeated: true });
    expect(own.value.webhookSecret).toBeUndefined();
    await cancelJob(engine.ports, engine.user, own.value.jobId);
    const dump = await wholeDatabase();
    expect(dump).toContain(own.value.jobId);
    for (const secret of [given, made.value.webhookSecret as string]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(secret.slice('whsec_'.length));
    }
  });

  it('is another input under the same key when its webhook is another', async () => {
    expect(await submit({ idempotencyKey: 'same' })).toMatchObject({ ok: true });
    expect(
      await submit({ idempotencyKey: 'same', webhook: { ...webhook, url: 'https://other.dev/' } }),
    ).toMatchObject({
      errors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    });
  });

  it('is refused with all that is wrong, and nothing is kept', async () => {
    const strict: Ports = {
      ...engine.ports,
      webhooks: { ...engine.ports.webhooks, policy: { allowHttp: false, allowPrivate: false } },
    };
    const refused = await submit(
      { name: '', webhook: { url: 'http://169.254.169.254/', secret: 'short' } },
      strict,
    );
    expect(refused).toMatchObject({
      ok: false,
      errors: [
        { path: ['input', 'name'] },
        { code: 'WEBHOOK_URL_REFUSED', path: ['input', 'webhook', 'url'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'webhook', 'secret'] },
      ],
    });
  });

  it('hands its webhook to the successor of a final job, unless the receiver wants no more', async () => {
    const id = await engine.submit({ webhook });
    await run(id, 'fail');
    const first = await retryJob(engine.ports, engine.user, 'c', id, 'FAILED');
    if (!first.ok) throw new Error('refused');
    expect(first.value.jobId).not.toBe(id);
    await run(first.value.jobId, 'fail');
    const told = JSON.parse((await webhookOf(first.value.jobId))?.body ?? '') as {
      data: { retryOf: string };
    };
    expect(told.data.retryOf).toBe(id);
    await engine.database.query(
      `update job_webhook set state = 'DISABLED', due_at = null where job_id = $1`,
      [id],
    );
    const second = await retryJob(engine.ports, engine.user, 'c', id, 'ALL');
    if (!second.ok) throw new Error('refused');
    expect(await webhookOf(second.value.jobId)).toBeUndefined();
    expect(await webhookOf(await engine.submit())).toBeUndefined();
  });
});

/** Every row of every table as text. */
async function wholeDatabase(): Promise<string> {
  const tables = await engine.database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const dumps = await Promise.all(
    tables.map(({ name }) =>
      engine.database.query<{ text: string | null }>(
        `select string_agg(t::text, E'\n') as text from "${name}" t`,
      ),
    ),
  );
  return dumps.flatMap((rows) => rows.map((row) => row.text ?? '')).join('\n');
}
