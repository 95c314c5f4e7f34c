import { createHash, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { artifactStored } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { describe, expect, test } from 'vitest';
import { setStage } from './testing/worker-words.js';

const stage = await setStage();
const { execution } = stage;
const stored = stage.hear(artifactStored);

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

describe('artifacts', () => {
  const ARTIFACT = `query ($id: ID!) { artifact(id: $id) { id name mediaType size sha256 kind downloadUrl organization { id } } }`;
  interface Seen { readonly artifact: { sha256: string; size: number; downloadUrl: string; name: string } | null } // prettier-ignore

  test('are uploaded, announced, listed and downloaded by signed URLs', async () => {
    const actor = aUser();
    const content = Buffer.from('p qubo 0 1 1 0\n0 0 1\n'.repeat(10_000));
    const id = await execution.upload(actor, content, { name: 'größe 1.qubo', kind: 'CODE' });
    const { artifact } = await execution.ask<Seen>(actor, ARTIFACT, { id });
    expect(artifact).toMatchObject({
      id,
      name: 'größe 1.qubo',
      size: content.length,
      sha256: sha256(content),
      kind: 'CODE',
    });
    const download = await fetch(artifact!.downloadUrl.replace('http://gateway.test', execution.origin));
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
    expect(download.headers.get('content-disposition')).toMatch(/attachment/);
    await eventually('the announcement', () =>
      stored.some((one) => one.artifactId === id && one.sha256 === sha256(content)),
    );
    const list = await execution.ask<{ artifacts: { edges: { node: { id: string } }[] } }>(
      actor,
      `{ artifacts(first: 5) { edges { node { id } } pageInfo { hasNextPage } } }`,
    );
    expect(list.artifacts.edges.map((edge) => edge.node.id)).toEqual([id]);
  });

  test('are pages without gaps', async () => {
    const actor = aUser();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift(await execution.upload(actor, `content ${index}`));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: {
        artifacts: {
          edges: { node: { id: string } }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      } = await execution.ask(
        actor,
        `query ($after: String) { artifacts(first: 2, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      seen.push(...page.artifacts.edges.map((edge) => edge.node.id));
      after = page.artifacts.pageInfo.hasNextPage ? page.artifacts.pageInfo.endCursor : null;
    } while (after !== null);
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(new Set(seen).size).toBe(5);
  });

  test('are invisible to others, also by entity reference and in lists', async () => {
    const id = await execution.upload(aUser(), 'mine');
    const other = aUser();
    expect(await execution.ask(other, ARTIFACT, { id })).toEqual({ artifact: null });
    const entities = `query ($id: ID!) { _entities(representations: [{ __typename: "Artifact", id: $id }]) { ... on Artifact { name } } }`;
    expect(await execution.ask(other, entities, { id })).toEqual({ _entities: [null] });
    expect(await execution.ask(other, ARTIFACT, { id: 'not-an-id' })).toEqual({ artifact: null });
  });

  test('lie once for an organization and once more for another', async () => {
    const [one, other] = [aUser(), aUser()];
    const content = `shared ${randomUUID()}`;
    await execution.upload(one, content);
    await execution.upload(one, content, { name: 'again.txt' });
    await execution.upload(other, content);
    const places = [one, other].map((actor) =>
      join(execution.artifactDir, actor.personalOrganizationId as string, sha256(content).slice(0, 2)),
    );
    expect(places.map((place) => readdirSync(place))).toEqual([[sha256(content)], [sha256(content)]]);
    expect(readdirSync(join(execution.artifactDir, 'incoming'))).toEqual([]);
  });

  test('a URL works for its method, its artifact and its time only', async () => {
    const actor = aUser();
    const id = await execution.upload(actor, 'content');
    const { artifact } = await execution.ask<Seen>(actor, ARTIFACT, { id });
    const good = new URL(artifact!.downloadUrl.replace('http://gateway.test', execution.origin));
    const status = async (change: (url: URL) => void, method = 'GET'): Promise<number> => {
      const url = new URL(good);
      change(url);
      return (await fetch(url, { method, ...(method === 'PUT' ? { body: 'x' } : {}) })).status;
    };
    expect(await status(() => undefined)).toBe(200);
    expect(await status(() => undefined, 'PUT')).toBe(403);
    expect(await status((url) => (url.pathname = `/artifacts/${randomUUID()}`))).toBe(403);
    expect(
      await status((url) =>
        url.searchParams.set('expires', String(Number(url.searchParams.get('expires')) + 1)),
      ),
    ).toBe(403);
    expect(await status((url) => url.searchParams.set('signature', 'x'))).toBe(403);
    expect(await status((url) => url.searchParams.delete('signature'))).toBe(403);
    expect(await status((url) => (url.pathname = '/artifacts/..%2f..%2fetc%2fpasswd'))).toBe(401);
  });

  test('an upload is taken once; the same bytes again are no fault, others are a conflict', async () => {
    const actor = aUser();
    const mutation = `mutation { createUpload(input: { name: "x" }) { upload { artifactId url } } }`;
    const { createUpload } = await execution.ask<{ createUpload: { upload: { url: string } } }>(
      actor,
      mutation,
    );
    const url = createUpload.upload.url.replace('http://gateway.test', execution.origin);
    const put = async (body: string): Promise<number> => (await fetch(url, { method: 'PUT', body })).status;
    expect([await put('first'), await put('first'), await put('second')]).toEqual([201, 201, 409]);
  });

  test('an upload that breaks off leaves nothing', async () => {
    const actor = aUser();
    const { createUpload } = await execution.ask<{
      createUpload: { upload: { url: string; artifactId: string } };
    }>(actor, `mutation { createUpload(input: { name: "x" }) { upload { artifactId url } } }`);
    const cut = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      pull(stream) {
        stream.enqueue(new Uint8Array(100_000));
        setTimeout(() => cut.abort(), 50);
        return new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    const url = createUpload.upload.url.replace('http://gateway.test', execution.origin);
    await expect(
      fetch(url, { method: 'PUT', body, duplex: 'half', signal: cut.signal } as RequestInit),
    ).rejects.toThrow();
    await eventually(
      'no draft is left',
      () => readdirSync(join(execution.artifactDir, 'incoming')).length === 0,
    );
    expect(await execution.ask(actor, ARTIFACT, { id: createUpload.upload.artifactId })).toEqual({
      artifact: null,
    });
  });

  test.each([
    [
      'a viewer',
      {
        organizations: [{ id: '00000000-0000-4000-8000-000000000001', role: 'VIEWER' as const }],
        personalOrganizationId: '00000000-0000-4000-8000-000000000001',
      },
      {},
      'FORBIDDEN',
    ],
    ['a token that only reads', { scopes: ['read'] }, {}, 'FORBIDDEN'],
    ['another organization', {}, { organizationId: randomUUID() }, 'NOT_FOUND'],
    ['a name with a slash', {}, { name: '../x' }, 'BAD_USER_INPUT'],
    ['a wrong media type', {}, { mediaType: 'nonsense' }, 'BAD_USER_INPUT'],
  ])('%s is refused', async (_who, actor, input, code) => {
    const mutation = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { url } userErrors { code } } }`;
    const answer = await execution.ask(aUser(actor), mutation, { input: { name: 'x', ...input } });
    expect(answer).toEqual({ createUpload: { upload: null, userErrors: [{ code }] } });
  });
});
