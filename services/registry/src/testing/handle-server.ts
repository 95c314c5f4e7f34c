// A Handle.Net server after its public REST interface: PUT /api/handles/<prefix>/<suffix>[?index=n], response codes in the body.
import { z } from 'zod';
import { startRegistrarServer, type GivenAnswer, type RegistrarServer } from './registrar-server.js';

export const HANDLE_PREFIX = '20.500.12345';
export const HANDLE_USER = `300:${HANDLE_PREFIX}/ADMIN`;
export const HANDLE_PASSWORD = 'handle: secret';

const value = z.strictObject({
  index: z.int().min(1),
  type: z.string().min(1),
  data: z.union([
    z.strictObject({ format: z.literal('string'), value: z.string() }),
    z.strictObject({
      format: z.literal('admin'),
      value: z.strictObject({
        handle: z.string().min(1),
        index: z.int().min(1),
        permissions: z.string().regex(/^[01]{12}$/),
      }),
    }),
  ]),
});
const record = z.object({ values: z.array(value).min(1) });
type HandleValue = z.infer<typeof value>;

export interface HandleServer extends RegistrarServer {
  /** handle → what it says. */
  readonly handles: Map<string, HandleValue[]>;
  /** What it says at an index. */
  text(handle: string, index: number): string | undefined;
}

export async function startHandleServer(): Promise<HandleServer> {
  const handles = new Map<string, HandleValue[]>();
  const answer = (status: number, responseCode: number, handle: string, message?: string): GivenAnswer => ({
    status,
    body: { responseCode, handle, ...(message === undefined ? {} : { message }) },
  });
  const server = await startRegistrarServer(({ method, path, query, user, password, body }) => {
    const handle = decodeURIComponent(path.slice('/api/handles/'.length));
    if (!path.startsWith('/api/handles/') || method !== 'PUT') return { status: 404 };
    if (decodeURIComponent(user) !== HANDLE_USER || password !== HANDLE_PASSWORD)
      return answer(401, 402, handle, 'Authentication needed');
    if (!handle.startsWith(`${HANDLE_PREFIX}/`)) return answer(400, 301, handle, 'Server not responsible');
    const parsed = record.safeParse(body);
    if (!parsed.success) return answer(400, 202, handle, 'Invalid value');
    const known = handles.get(handle);
    const given = parsed.data.values;
    const indices = query.getAll('index').map(Number);
    if (indices.length === 0) {
      handles.set(handle, given);
      return answer(known === undefined ? 201 : 200, 1, handle);
    }
    if (known === undefined) return answer(404, 100, handle, 'Handle not found');
    const replaced = new Set(indices);
    handles.set(handle, [
      ...known.filter(({ index }) => !replaced.has(index)),
      ...given.filter(({ index }) => replaced.has(index)),
    ]);
    return answer(200, 1, handle);
  });
  return {
    ...server,
    handles,
    text: (handle, wanted) => {
      const found = handles.get(handle)?.find(({ index }) => index === wanted)?.data.value;
      return typeof found === 'string' ? found : undefined;
    },
  };
}
