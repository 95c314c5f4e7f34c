import { z } from 'zod';
import { SERVICE_RUNTIMES } from '../marketplace/service-version-changed.v1.js';

/** In lower case hexadecimal digits. */
export const environmentDigest = z.string().regex(/^[0-9a-f]{64}$/);

/** How many environments one beat may describe. */
export const MOST_DESCRIBED = 20;

/** What an attempt really ran in. Equal environments are one, whichever worker they are on: nothing here names a machine or a job. */
export const runEnvironment = z.object({
  /** The interpreter that ran it and its version; null: none, only the programs of the system. */
  runtime: z.object({ name: z.enum(SERVICE_RUNTIMES), version: z.string().max(100) }).nullable(),
  image: z.string().max(100).nullable(),
  sandbox: z.object({
    /** `bubblewrap`, or `none` where the operator does without. */
    kind: z.string().max(100),
    version: z.string().max(100).nullable(),
    /** How limits are held, e.g. `cgroup-v2`. */
    meter: z.string().max(100),
  }),
  /** Operating system and architecture, in the words of Node.js. */
  platform: z.object({ os: z.string().max(100), release: z.string().max(200), arch: z.string().max(100) }),
  worker: z.object({ version: z.string().max(100) }),
  /** What the run might use; absent: not held. */
  limits: z.object({
    timeSeconds: z.number(),
    memoryBytes: z.number(),
    processes: z.number(),
    diskBytes: z.number(),
    logBytes: z.number(),
    resultBytes: z.number(),
    cpus: z.number().optional(),
  }),
});
export type RunEnvironment = z.infer<typeof runEnvironment>;

export const describedEnvironment = z.object({
  /** SHA-256 of {@link canonicalEnvironment}. */
  digest: environmentDigest,
  environment: runEnvironment,
});
export type DescribedEnvironment = z.infer<typeof describedEnvironment>;

/** The same text for the same environment, whoever writes it: JSON with the keys of every object in order, without spaces. */
export const canonicalEnvironment = (environment: RunEnvironment): string => canonical(environment);

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}
