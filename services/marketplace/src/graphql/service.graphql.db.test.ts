import { describe, expect, it } from 'vitest';
import { testMarketplace } from '../testing/test-marketplace.js';
import { aService, aVersion, code, publish, type Id } from '../testing/service-steps.js';

const market = await testMarketplace();
const alice = await market.newcomer();

describe('services through the graph', () => {
  it('are created, versioned, published and read back, with everything that hangs on them', async () => {
    const { actor } = alice;
    const service = await aService(market, actor);
    const dataSchema = { type: 'object', properties: { n: { type: 'integer' } } };
    const versionId = await aVersion(market, actor, service.id, { version: '1.0.0', dataSchema });
    const published = await publish(market, actor, versionId);
    expect(published.serviceVersion?.lifecycle).toBe('PUBLISHED');
    expect(Date.parse(published.serviceVersion?.publishedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);

    const read = await market.ask(
      actor,
      `query ($id: ID!, $organizationId: ID!, $name: String!) {
        serviceByName(organizationId: $organizationId, name: $name) { id }
        service(id: $id) {
          name description providerName createdBy { id } organization { id personal viewerRole }
          latestVersion { id code { id } dataSchema paramsSchema runtime service { id } }
          versions { edges { cursor node { version } } pageInfo { hasNextPage } }
        }
      }`,
      { id: service.id, organizationId: actor.personalOrganizationId, name: service.name },
    );
    const me = await market.ask<{ me: { name: string } }>(actor, '{ me { name } }');
    expect(read).toEqual({
      serviceByName: { id: service.id },
      service: {
        name: service.name,
        description: 'solves',
        providerName: me.me.name,
        createdBy: { id: actor.id },
        organization: { id: actor.personalOrganizationId, personal: true, viewerRole: 'OWNER' },
        latestVersion: {
          id: versionId,
          code: { id: code.artifactId },
          dataSchema,
          paramsSchema: null,
          runtime: 'NODEJS',
          service: { id: service.id },
        },
        versions: {
          edges: [{ cursor: expect.any(String) as string, node: { version: '1.0.0' } }],
          pageInfo: { hasNextPage: false },
        },
      },
    });
  });

  it('are paged without gaps or repetition, and filtered', async () => {
    const { actor } = await market.newcomer();
    const made = [];
    for (let n = 0; n < 5; n++) made.push(await aService(market, actor));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: {
        services: { edges: { node: Id }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      } = await market.ask(
        actor,
        `query ($after: String, $organizationId: ID) {
          services(first: 2, after: $after, filter: { organizationId: $organizationId }) { edges { node { id } } pageInfo { hasNextPage endCursor } }
        }`,
        { after, organizationId: actor.personalOrganizationId },
      );
      seen.push(...page.services.edges.map((edge) => edge.node.id));
      after = page.services.pageInfo.hasNextPage ? page.services.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(made.map((one) => one.id).reverse());

    const filtered = async (filter: object): Promise<string[]> => {
      const answer = await market.ask<{ services: { edges: { node: Id }[] } }>(
        actor,
        'query ($filter: ServiceFilter) { services(filter: $filter) { edges { node { id } } } }',
        { filter: { organizationId: actor.personalOrganizationId, ...filter } },
      );
      return answer.services.edges.map((edge) => edge.node.id);
    };
    const [first] = made;
    await publish(market, actor, await aVersion(market, actor, first?.id ?? ''));
    expect(await filtered({ text: first?.name.toUpperCase() })).toEqual([first?.id]);
    expect(await filtered({ text: '100%_' })).toEqual([]);
    expect(await filtered({ lifecycle: 'PUBLISHED' })).toEqual([first?.id]);
    expect(await filtered({ lifecycle: 'CREATED' })).toEqual([]);
  });

  it('refuse bad input as user errors that say where, and leave nothing behind', async () => {
    const { actor } = alice;
    const refused = async (field: string, input: object): Promise<string[]> => {
      const answer = await market.mutate(actor, field, input, '__typename');
      return answer.userErrors.map((error) => `${error.code} ${error.path.join('.')}`);
    };
    const service = await aService(market, actor);
    const version = { serviceId: service.id, version: '1', code };
    expect(await refused('createService', { name: 'Not a slug' })).toEqual(['BAD_USER_INPUT input.name']);
    expect(await refused('createService', { name: service.name })).toEqual(['CONFLICT input.name']);
    expect(await refused('createService', { name: 'x', organizationId: 'nonsense' })).toEqual([
      'NOT_FOUND input.organizationId',
    ]);
    expect(await refused('addServiceVersion', { ...version, dataSchema: { type: 'nonsense' } })).toEqual([
      'BAD_USER_INPUT input.dataSchema',
    ]);
    expect(
      await refused('addServiceVersion', { ...version, paramsSchema: { $ref: 'https://example.org/other' } }),
    ).toEqual(['BAD_USER_INPUT input.paramsSchema']);
    expect(
      await refused('addServiceVersion', { ...version, paramsSchema: { description: 'x'.repeat(70_000) } }),
    ).toEqual(['PAYLOAD_TOO_LARGE input.paramsSchema']);
    expect(await refused('addServiceVersion', version)).toEqual([]);
    expect(await refused('addServiceVersion', version)).toEqual(['CONFLICT input.version']);
    expect(await refused('publishServiceVersion', { id: service.id })).toEqual(['NOT_FOUND input.id']);
    expect(await refused('createOrganization', { name: ' padded' })).toEqual(['BAD_USER_INPUT input.name']);
    expect(await refused('createOrganization', { name: 'nul\u0000' })).toEqual(['BAD_USER_INPUT input.name']);
    const left = await market.ask<{ service: { versions: { edges: unknown[] } } }>(
      actor,
      'query ($id: ID!) { service(id: $id) { versions { edges { cursor } } } }',
      { id: service.id },
    );
    expect(left.service.versions.edges).toHaveLength(1);
  });

  it('keep JSON Schemas exactly, in the order of their keys', async () => {
    const dataSchema = { zeta: 1, alpha: { enum: ['quote " and \\', '\ud83e\uddf5'] } };
    const id = await aVersion(market, alice.actor, (await aService(market, alice.actor)).id, {
      dataSchema,
      paramsSchema: false,
    });
    const read = await market.ask<{ serviceVersion: { dataSchema: object; paramsSchema: unknown } }>(
      alice.actor,
      'query ($id: ID!) { serviceVersion(id: $id) { dataSchema paramsSchema } }',
      { id },
    );
    expect(JSON.stringify(read.serviceVersion.dataSchema)).toBe(JSON.stringify(dataSchema));
    expect(read.serviceVersion.paramsSchema).toBe(false);
  });

  it('answer bad paging arguments and strange texts with BAD_USER_INPUT or nothing, never with INTERNAL', async () => {
    const codes = async (query: string): Promise<string[]> =>
      ((await market.send(alice.actor, query)).errors ?? []).map((error) => error.extensions.code);
    expect(await codes('{ services(first: 101) { edges { cursor } } }')).toEqual(['BAD_USER_INPUT']);
    expect(await codes('{ services(after: "nonsense") { edges { cursor } } }')).toEqual(['BAD_USER_INPUT']);
    expect(
      await codes(
        `{ services(after: "${Buffer.from('["x"]').toString('base64url')}") { edges { cursor } } }`,
      ),
    ).toEqual(['BAD_USER_INPUT']);
    expect(await codes('{ services(filter: { text: "\\u0000" }) { edges { cursor } } }')).toEqual([]);
    expect(
      await codes(
        '{ service(id: "1 or 1=1") { id } organization(id: "") { id } serviceVersion(id: "x") { id } }',
      ),
    ).toEqual([]);
  });
});
