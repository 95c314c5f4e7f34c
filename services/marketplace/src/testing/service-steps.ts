// Steps that several suites take with services.
import type { Actor } from '@weft/identity';
import { expect } from 'vitest';
import { aName, type TestMarketplace } from './test-marketplace.js';

export interface Id {
  readonly id: string;
}

export const code = { artifactId: '0190c0de-0000-7000-8000-000000000001', runtime: 'NODEJS' };

export async function aService(
  market: TestMarketplace,
  actor: Actor,
  organizationId?: string,
): Promise<Id & { name: string }> {
  const name = aName('service');
  const made = await market.mutate<{ service: Id | null }>(
    actor,
    'createService',
    { organizationId, name, description: 'solves' },
    'service { id }',
  );
  expect(made.userErrors).toEqual([]);
  return { id: (made.service as Id).id, name };
}

export async function aVersion(
  market: TestMarketplace,
  actor: Actor,
  serviceId: string,
  more: object = {},
): Promise<string> {
  const input = { serviceId, version: aName('v'), code, ...more };
  const made = await market.mutate<{ serviceVersion: Id | null }>(
    actor,
    'addServiceVersion',
    input,
    'serviceVersion { id }',
  );
  expect(made.userErrors).toEqual([]);
  return (made.serviceVersion as Id).id;
}

export const publish = (market: TestMarketplace, actor: Actor, id: string) =>
  market.mutate<{ serviceVersion: { lifecycle: string; publishedAt: string } | null }>(
    actor,
    'publishServiceVersion',
    { id },
    'serviceVersion { lifecycle publishedAt }',
  );
