import { SERVICE_LIFECYCLES, SERVICE_RUNTIMES } from '@weft/contracts';
import { describe, expect, it } from 'vitest';
import { newServiceProblems } from './service.js';
import { newServiceVersionProblems, publish, RUNTIMES, type ServiceVersion } from './service-version.js';
import { canApply, SERVICE_VERSION_STATES } from './service-version-lifecycle.js';

const version: ServiceVersion = {
  id: 'v',
  serviceId: 's',
  version: '1.0.0',
  description: '',
  lifecycle: 'CREATED',
  codeArtifactId: 'a',
  runtime: 'NODEJS',
  dataSchema: null,
  paramsSchema: null,
  seq: 1,
  createdAt: new Date(0),
  publishedAt: null,
};

describe('a service version', () => {
  it('is published from CREATED and from nowhere else', () => {
    expect(SERVICE_VERSION_STATES.filter((state) => canApply('publish', state))).toEqual(['CREATED']);
    expect(publish(version)).toEqual({ ...version, lifecycle: 'PUBLISHED', seq: 2 });
    expect(publish({ ...version, lifecycle: 'PUBLISHED' })).toBeUndefined();
  });

  it('has the states and runtimes that the other services know', () => {
    expect(SERVICE_VERSION_STATES).toEqual(SERVICE_LIFECYCLES);
    expect(RUNTIMES).toEqual(SERVICE_RUNTIMES);
  });

  it('names every wrong value at once', () => {
    const wish = {
      version: ' 1',
      description: 'x'.repeat(4_001),
      code: { artifactId: '../x', runtime: 'NODEJS' as const },
      dataSchema: null,
      paramsSchema: null,
    };
    expect(newServiceVersionProblems(wish).map((error) => error.path.slice(1).join('.'))).toEqual([
      'version',
      'description',
      'code.artifactId',
    ]);
  });
});

describe('the name of a service', () => {
  it.each(['a', 'qubo-solver', '2sat', 'x'.repeat(64)])('can be %s', (name) => {
    expect(newServiceProblems({ name, description: 'several\nlines' })).toEqual([]);
  });

  it.each(['', 'Upper', 'a b', '-a', 'a-', 'x'.repeat(65), 'a/b', 'ü'])('cannot be %j', (name) => {
    expect(newServiceProblems({ name, description: '' })).toMatchObject([{ path: ['input', 'name'] }]);
  });
});
