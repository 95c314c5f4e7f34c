// A whole marketplace service on a database of its own, asked over HTTP by signed actors, as the gateway does it.
import { createHash, randomBytes } from 'node:crypto';
import type { Actor } from '@weft/identity';
import { createLogger } from '@weft/telemetry';
import { emptyTestDatabase, eventually, testIdentity, theGateway } from '@weft/testkit';
import { afterAll, expect } from 'vitest';
import { createMarketplaceService, marketplaceConfig } from '../index.js';

export interface Answer<T> {
  readonly data: T;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface Newcomer {
  readonly actor: Actor;
  readonly secret: string;
}

// The shape of an answer is what the test expects of it, so a test names it where it asks.
export interface TestMarketplace {
  readonly url: string;
  readonly databaseUrl: string;
  readonly operator: Actor;
  readonly operatorSecret: string;
  authorization(actor: Actor): Promise<string>;
  /** The answer as it comes, errors included. */
  send<T>(actor: Actor, query: string, variables?: Record<string, unknown>): Promise<Answer<T>>;
  /** The data of an answer that must have no errors. */
  ask<T>(actor: Actor, query: string, variables?: Record<string, unknown>): Promise<T>;
  /** The payload of a mutation field. */
  mutate<T extends object>(
    actor: Actor,
    field: string,
    input: object,
    selection: string,
  ): Promise<T & { userErrors: TestUserError[] }>;
  /** The actor that the gateway would sign for this secret; undefined when the token is not valid. */
  actorOf(secret: string): Promise<Actor | undefined>;
  /** A fresh user, a tenant of its own. */
  newcomer(name?: string): Promise<Newcomer>;
  stop(): Promise<void>;
}

export interface TestUserError {
  readonly code: string;
  readonly path: readonly string[];
  readonly message: string;
}

export const newSecret = (): string => `weft_${randomBytes(32).toString('base64url')}`;
export const aName = (what = 'name'): string => `${what}-${randomBytes(5).toString('hex')}`;
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const TOKEN_ACTORS = `query ($hashes: [String!]!) {
  tokenActors(hashes: $hashes) { hash tokenId userId personalOrganizationId organizations { id role } teams scopes roles expiresAt }
}`;

/** Nobody listens there: the marketplace must work without its broker. */
const NO_BROKER = 'nats://127.0.0.1:1';

/** A marketplace for a whole file. Call it at the file's top level: only there does vitest heed the clean-up. */
export async function testMarketplace(): Promise<TestMarketplace> {
  const market = await startTestMarketplace({ DATABASE_URL: await emptyTestDatabase('marketplace') });
  afterAll(() => market.stop());
  return market;
}

/** A marketplace that the test stops by itself. */
export async function startTestMarketplace(
  settings: Record<string, string> & { readonly DATABASE_URL: string },
): Promise<TestMarketplace> {
  const identity = await testIdentity();
  const operatorSecret = settings['FIRST_USER_TOKEN'] ?? newSecret();
  const config = marketplaceConfig.read({
    NATS_URL: NO_BROKER,
    ACTOR_JWKS: identity.jwks,
    FIRST_USER_TOKEN: operatorSecret,
    FIRST_USER_NAME: 'first-user',
    TOKEN_USE_DELAY: '20ms',
    ...settings,
  });
  const service = await createMarketplaceService(config, { logger: createLogger('marketplace', 'silent') });

  const send = async <T>(
    actor: Actor,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<Answer<T>> => {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await identity.authorization(actor) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer<T>;
  };
  const ask = async <T>(actor: Actor, query: string, variables?: Record<string, unknown>): Promise<T> => {
    const answer = await send<T>(actor, query, variables);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  };
  const mutate = async <T extends object>(actor: Actor, field: string, input: object, selection: string) => {
    const type = INPUT_TYPES[field] ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code path message } } }`;
    const data = await ask<Record<string, T & { userErrors: TestUserError[] }>>(actor, document, { input });
    return data[field] as T & { userErrors: TestUserError[] };
  };
  const actorOf = async (secret: string): Promise<Actor | undefined> => {
    const { tokenActors } = await ask<{ tokenActors: TokenActorAnswer[] }>(theGateway, TOKEN_ACTORS, {
      hashes: [hashOf(secret)],
    });
    const [found] = tokenActors;
    return found && { ...found, kind: 'user', id: found.userId };
  };
  const newcomer = async (name = aName('user')): Promise<Newcomer> => {
    const token = { name: 'first', scopes: ['read', 'write', 'admin'] };
    const { secret, userErrors } = await mutate<{ secret: string }>(
      operator,
      'createUser',
      { name, token },
      'secret',
    );
    expect(userErrors).toEqual([]);
    return { secret, actor: (await actorOf(secret)) as Actor };
  };

  const operator = await eventually('the first user', () => actorOf(operatorSecret).catch(() => undefined));
  return {
    url: service.url,
    databaseUrl: settings.DATABASE_URL,
    operator,
    operatorSecret,
    authorization: identity.authorization,
    send,
    ask,
    mutate,
    actorOf,
    newcomer,
    stop: () => service.stop(),
  };
}

const INPUT_TYPES: Readonly<Record<string, string>> = { createPersonalToken: 'NewPersonalTokenInput' };

interface TokenActorAnswer extends Omit<Actor, 'kind' | 'id'> {
  readonly hash: string;
  readonly userId: string;
}
