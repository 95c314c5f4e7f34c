import { booleanSetting, defineConfig, durationMs, secret, type Secret, type Setting } from '@weft/config';
import { z } from 'zod';

const text = () => z.string().min(1);
const optional = <T>(schema: z.ZodType<T, unknown>, description: string): Setting<T | undefined> => ({
  schema,
  default: null,
  description,
});
const slug = /^[A-Za-z0-9_-]{1,64}$/;

const targets = () =>
  text()
    .transform((list) => [
      ...new Set(
        list
          .split(',')
          .map((one) => one.trim())
          .filter(Boolean),
      ),
    ])
    .refine(
      (ids) => ids.length > 0 && ids.every((id) => slug.test(id)),
      'is not a comma-separated list of target ids',
    );

/** The settings of a worker. */
export const workerConfig = defineConfig('Worker', {
  WORKER_ID: {
    schema: z.string().regex(slug, 'is not made of letters, digits, - and _'),
    description: 'name of the worker, and of its NATS user',
  },
  WORKER_TARGETS: {
    schema: targets(),
    default: 'local-process,local-batch',
    description: 'targets that it serves, comma-separated',
  },
  WORKER_STATE_DIR: { schema: text(), description: 'folder for finished reports that are not answered yet' },
  WORKER_CONCURRENCY: {
    schema: z.coerce.number().int().min(1).max(64),
    default: '4',
    description: 'attempts that run at the same time, per target',
  },
  WORKER_DRAIN_GRACE: {
    schema: durationMs(),
    default: '4s',
    description: 'on SIGTERM: how long running attempts may take to finish before they are given back',
  },
  WORKER_CANCEL_GRACE: {
    schema: durationMs(),
    default: '5s',
    description: 'how long a cancelled run may take to end by itself',
  },
  NATS_URL: { schema: text(), default: 'nats://127.0.0.1:4222', description: 'URL of the broker' },
  NATS_USER: optional(text(), 'user of the broker'),
  NATS_PASSWORD: optional<Secret>(secret(), 'password of the broker'),
  SANDBOX_DIR: {
    schema: text(),
    description: 'scratch folder; for a worker that is root, open to every user to pass through',
  },
  SANDBOX_METER: optional(
    z.enum(['cgroup-v2', 'cgroup-v1', 'proc']),
    'how limits are held; absent: the strongest that works',
  ),
  BWRAP_PATH: optional(text(), 'the bubblewrap program; absent: bwrap on the PATH'),
  PATH: {
    schema: text(),
    default: '/usr/local/bin:/usr/bin:/bin',
    description: 'where programs are looked for',
  },
  NODE_RUNTIME: optional(
    text(),
    'Node.js for services, readable by every user; absent: the one that runs the worker',
  ),
  PYTHON_RUNTIME: optional(
    text(),
    'Python 3 for services; absent: /usr/bin/python3 or /usr/local/bin/python3, if there is one',
  ),
  WEFT_UNSAFE_NO_SANDBOX: {
    schema: booleanSetting(),
    default: '0',
    description: 'UNSAFE: run services without a sandbox, as the user of the worker',
  },
  WEFT_BENCH: {
    schema: booleanSetting(),
    default: '0',
    description: 'benchmarks: also serve the target local-noop, which runs nothing',
  },
  WEFT_SYNC_POINTS: optional(text(), 'tests only: named points to kill, stop or sleep at'),
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    description: 'least severe level that is logged',
  },
});

export type WorkerConfig = ReturnType<typeof workerConfig.read>;
