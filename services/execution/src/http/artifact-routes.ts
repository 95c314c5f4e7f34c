import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@weft/errors';
import { sendJson } from '@weft/subgraph';
import type { ArtifactUrls, BlobStore } from '../application/ports.js';
import { MAX_ARTIFACT_BYTES, type StoredArtifact } from '../domain/artifact.js';

export interface ArtifactRoutes {
  readonly urls: ArtifactUrls;
  readonly blobs: BlobStore;
  readonly receive: (artifactId: string, source: AsyncIterable<Buffer>) => Promise<StoredArtifact>;
  readonly find: (artifactId: string) => Promise<StoredArtifact | undefined>;
}

const PATH = /^\/artifacts\/([0-9a-f-]{36})$/;

/** `GET|PUT /artifacts/<id>?expires=…&signature=…`: the signature is the right; bytes are streamed, never held. */
export const createArtifactRoute =
  ({ urls, blobs, receive, find }: ArtifactRoutes) =>
  async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    const id = PATH.exec(url.pathname)?.[1];
    if (id === undefined) return false;
    const { method } = request;
    if (method !== 'GET' && method !== 'PUT') {
      response.setHeader('allow', 'GET, PUT');
      sendJson(response, 405, {
        errors: [
          {
            message: 'An artifact is read by GET and written by PUT.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
      return true;
    }
    if (!urls.verify(method, id, url.searchParams.get('expires'), url.searchParams.get('signature'))) {
      throw new AppError(
        'FORBIDDEN',
        'The signature of this URL does not fit or has expired; ask for a new URL.',
      );
    }
    if (method === 'PUT') await upload(request, response, () => receive(id, request));
    else await download(response, await find(id), blobs);
    return true;
  };

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  receive: () => Promise<StoredArtifact>,
): Promise<void> {
  try {
    if (Number(request.headers['content-length'] ?? 0) > MAX_ARTIFACT_BYTES) {
      throw new AppError('PAYLOAD_TOO_LARGE', `An artifact has at most ${MAX_ARTIFACT_BYTES} bytes.`, {
        limit: MAX_ARTIFACT_BYTES,
      });
    }
    const { id, size, sha256 } = await receive();
    sendJson(response, 201, { artifactId: id, size, sha256 });
  } catch (error) {
    // What is still on its way is not read: the connection cannot be used again.
    response.setHeader('connection', 'close');
    throw error;
  }
}

async function download(
  response: ServerResponse,
  artifact: StoredArtifact | undefined,
  blobs: BlobStore,
): Promise<void> {
  if (artifact === undefined)
    throw new AppError('NOT_FOUND', 'The artifact does not exist or is not complete.');
  const content = await blobs.open(artifact.organizationId, artifact.sha256);
  response.writeHead(200, {
    'content-type': artifact.mediaType,
    'content-length': artifact.size,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(artifact.name)}`,
    etag: `"${artifact.sha256}"`,
    'cache-control': 'private, no-store',
    // An uploaded page must not run in the origin of the gateway.
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
  await pipeline(content, response).catch(() => response.destroy());
}
