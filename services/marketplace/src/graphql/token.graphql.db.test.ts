import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '@weft/identity';
import { eventually, theGateway } from '@weft/testkit';
import { describe, expect, it } from 'vitest';
import { aName, hashOf, newSecret, testMarketplace } from '../testing/test-marketplace.js';

const market = await testMarketplace();

interface Issued {
  readonly personalToken: {
    readonly id: string;
    readonly scopes: string[];
    readonly expiresAt: string | null;
  } | null;
  readonly secret: string | null;
}

const issue = (actor: Actor, input: object) =>
  market.mutate<Issued>(
    actor,
    'createPersonalToken',
    { name: 'laptop', scopes: ['read'], ...input },
    'secret personalToken { id scopes expiresAt }',
  );

const lastUse = async (actor: Actor, id: string): Promise<string | null | undefined> => {
  const { personalTokens } = await market.ask<{
    personalTokens: { edges: { node: { id: string; lastUsedAt: string | null } }[] };
  }>(actor, '{ personalTokens { edges { node { id lastUsedAt } } } }');
  return personalTokens.edges.find((edge) => edge.node.id === id)?.node.lastUsedAt;
};

describe('a personal token', () => {
  it('gives its user, their memberships and its own scopes to the gateway', async () => {
    const { actor } = await market.newcomer();
    const { secret, personalToken } = await issue(actor, { scopes: ['write', 'read'] });
    expect(secret).toMatch(/^weft_[A-Za-z0-9_-]{43}$/);
    expect(await market.actorOf(secret as string)).toMatchObject({
      kind: 'user',
      id: actor.id,
      tokenId: personalToken?.id,
      personalOrganizationId: actor.personalOrganizationId,
      organizations: [{ id: actor.personalOrganizationId, role: 'OWNER' }],
      scopes: ['read', 'write'],
      roles: [],
    });
  });

  it('is stored as a hash only', async () => {
    const { actor } = await market.newcomer();
    const { secret } = await issue(actor, {});
    const found = await market.send<{ personalTokens: unknown }>(
      actor,
      '{ personalTokens { edges { node { id name scopes } } } }',
    );
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(JSON.stringify(found)).not.toContain(hashOf(secret as string));
  });

  it('is gone at once when it is revoked or has expired', async () => {
    const { actor } = await market.newcomer();
    const { secret, personalToken } = await issue(actor, {});
    expect(await market.actorOf(secret as string)).toBeDefined();
    const revoke = () =>
      market.mutate<Issued>(
        actor,
        'revokePersonalToken',
        { id: personalToken?.id },
        'personalToken { id revokedAt }',
      );
    const revoked = await revoke();
    expect(revoked.userErrors).toEqual([]);
    expect(await market.actorOf(secret as string)).toBeUndefined();
    expect(await revoke()).toEqual(revoked);

    const brief = await issue(actor, { expiresAt: new Date(Date.now() + 1_000).toISOString() });
    expect(await market.actorOf(brief.secret as string)).toBeDefined();
    await eventually(
      'the end of the brief token',
      async () => (await market.actorOf(brief.secret as string)) === undefined,
      5_000,
    );
  });

  it('hands on no more scopes and no longer life than its maker has, and nothing once that is revoked', async () => {
    const { actor } = await market.newcomer();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const inTwoHours = new Date(Date.now() + 7_200_000).toISOString();
    const weak = await issue(actor, { scopes: ['read', 'write'], expiresAt: inAnHour });
    const weakActor = (await market.actorOf(weak.secret as string)) as Actor;
    const codes = async (who: Actor, input: object): Promise<string[]> =>
      (await issue(who, input)).userErrors.map((error) => error.code);

    expect(await codes(weakActor, { scopes: ['admin'] })).toEqual(['FORBIDDEN']);
    expect(await codes(weakActor, { expiresAt: inTwoHours })).toEqual(['FORBIDDEN']);
    expect(await codes(weakActor, { expiresAt: new Date(0).toISOString() })).toEqual(['BAD_USER_INPUT']);
    expect(await codes(weakActor, { scopes: ['everything'] })).toEqual(['BAD_USER_INPUT']);
    expect(await codes({ ...weakActor, scopes: ['read'] }, {})).toEqual(['FORBIDDEN']);
    expect((await issue(weakActor, {})).personalToken?.expiresAt).toBe(inAnHour);

    await market.mutate(actor, 'revokePersonalToken', { id: weakActor.tokenId }, 'personalToken { id }');
    expect(await codes(weakActor, {})).toEqual(['FORBIDDEN']);
  });

  it('records its last use off the hot path, at most once a minute', async () => {
    const { actor } = await market.newcomer();
    const { secret, personalToken } = await issue(actor, {});
    const id = personalToken?.id as string;
    expect(await lastUse(actor, id)).toBeNull();
    await market.actorOf(secret as string);
    const first = await eventually('the last use', async () => (await lastUse(actor, id)) ?? undefined);
    await market.actorOf(secret as string);
    await sleep(100);
    expect(await lastUse(actor, id)).toBe(first);
  });

  it('is explained to the gateway only, and not in any number', async () => {
    const query = 'query ($hashes: [String!]!) { tokenActors(hashes: $hashes) { userId } }';
    const hashes = [hashOf(market.operatorSecret)];
    const codes = async (actor: Actor, asked: string[]): Promise<string[]> =>
      ((await market.send(actor, query, { hashes: asked })).errors ?? []).map(
        (error) => error.extensions.code,
      );
    expect(await codes(market.operator, hashes)).toEqual(['FORBIDDEN']);
    expect(await codes({ ...theGateway, kind: 'service', id: 'jobs' }, hashes)).toEqual(['FORBIDDEN']);
    expect(
      await codes(
        theGateway,
        Array.from({ length: 501 }, () => hashOf(newSecret())),
      ),
    ).toEqual(['BAD_USER_INPUT']);
    expect(await codes(theGateway, hashes)).toEqual([]);
    expect(
      await market.ask(theGateway, query, { hashes: ['nonsense', hashOf(newSecret()), ...hashes] }),
    ).toEqual({
      tokenActors: [{ userId: market.operator.id }],
    });
  });
});

describe('createUser', () => {
  it('lets a user in for an operator with an admin token, and for nobody else', async () => {
    const name = aName('new');
    const selection =
      'user { name personalOrganization { id name personal viewerRole members { edges { cursor } } } } personalToken { scopes } secret';
    const token = { name: 'first', scopes: ['read'] };
    const { actor } = await market.newcomer();
    for (const refused of [actor, { ...market.operator, scopes: ['read', 'write'] }]) {
      const answer = await market.mutate(refused, 'createUser', { name }, selection);
      expect(answer).toMatchObject({ user: null, userErrors: [{ code: 'FORBIDDEN' }] });
    }
    const made = await market.mutate<{ secret: string }>(
      market.operator,
      'createUser',
      { name, token },
      selection,
    );
    expect(made).toMatchObject({
      user: {
        name,
        personalOrganization: { name, personal: true, viewerRole: null, members: { edges: [] } },
      },
      personalToken: { scopes: ['read'] },
      userErrors: [],
    });
    expect(await market.actorOf(made.secret)).toMatchObject({ roles: [], scopes: ['read'] });

    const again = await market.mutate(
      market.operator,
      'createUser',
      { name: name.toUpperCase(), token },
      selection,
    );
    expect(again).toMatchObject({
      user: null,
      secret: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'name'] }],
    });
  });

  it('leaves nothing of a user whose first token is refused', async () => {
    const name = aName('half');
    const token = { name: 'first', scopes: ['everything'] };
    const refused = await market.mutate(market.operator, 'createUser', { name, token }, 'user { id }');
    expect(refused.userErrors.map((error) => error.path.join('.'))).toEqual(['input.token.scopes']);
    expect((await market.mutate(market.operator, 'createUser', { name }, 'user { id }')).userErrors).toEqual(
      [],
    );
  });
});
