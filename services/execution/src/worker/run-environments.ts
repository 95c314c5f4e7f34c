import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import {
  canonicalEnvironment,
  MOST_DESCRIBED,
  type ClaimedAttempt,
  type DescribedEnvironment,
  type RunEnvironment,
  type ServiceRuntime,
} from '@weft/contracts';
import type { Capability } from './sandbox/probe.js';

/** What attempts of this worker ran in, by digest: reports name the digest, beats tell what it stands for. */
export interface RunEnvironments {
  digestOf(environment: RunEnvironment): string;
  /** Those used last. */
  described(): DescribedEnvironment[];
}

export function createRunEnvironments(): RunEnvironments {
  const known = new Map<string, DescribedEnvironment>();
  return {
    digestOf(environment) {
      const text = canonicalEnvironment(environment);
      const described = known.get(text) ?? {
        digest: createHash('sha256').update(text).digest('hex'),
        environment,
      };
      // The last one used is the last in the map.
      known.delete(text);
      known.set(text, described);
      const [oldest] = known.keys();
      if (known.size > MOST_DESCRIBED && oldest !== undefined) known.delete(oldest);
      return described.digest;
    },
    described: () => [...known.values()],
  };
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** @param runtime that of the code; null: the programs of the system. */
export function environmentOf(
  { limits, image }: Pick<ClaimedAttempt, 'limits' | 'image'>,
  runtime: ServiceRuntime | null,
  { versions }: Pick<Capability, 'versions'>,
  sandbox: RunEnvironment['sandbox'],
): RunEnvironment {
  const { timeSeconds, memoryBytes, processes, diskBytes, logBytes, resultBytes, cpus } = limits;
  return {
    runtime: runtime === null ? null : { name: runtime, version: versions[runtime] ?? 'unknown' },
    image: image ?? null,
    sandbox,
    platform: { os: process.platform, release: release(), arch: process.arch },
    worker: { version },
    limits: {
      ...{ timeSeconds, memoryBytes, processes, diskBytes, logBytes, resultBytes },
      ...(cpus === undefined ? {} : { cpus }),
    },
  };
}
