// An HTTP server in the place of a registrar: keeps what it was asked, and fails as it is told to. For tests.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { whenFileEnds } from '@weft/testkit';

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** As they stand in the header: percent-encoded where the client did so. */
  readonly user: string;
  readonly password: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface GivenAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** SILENT: no answer ever. BROKEN: the connection ends before anything is done. LOST: it is done, and the answer lost. */
export type Fault = GivenAnswer | 'SILENT' | 'BROKEN' | 'LOST';

export interface RegistrarServer {
  readonly url: string;
  readonly asked: AskedRequest[];
  /** For the next requests, one each. */
  readonly faults: Fault[];
}

export async function startRegistrarServer(
  answerTo: (asked: AskedRequest) => GivenAnswer,
): Promise<RegistrarServer> {
  const faults: Fault[] = [];
  const asked: AskedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://registrar');
      const credentials = Buffer.from(String(request.headers.authorization).slice('Basic '.length), 'base64');
      const [user = '', ...password] = credentials.toString().split(':');
      const one: AskedRequest = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        user,
        password: password.join(':'),
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString() || 'null') as unknown,
      };
      asked.push(one);
      const fault = faults.shift();
      if (fault === 'SILENT') return;
      if (fault === 'BROKEN') return void request.socket.destroy();
      const answer = fault === undefined || fault === 'LOST' ? answerTo(one) : fault;
      if (fault === 'LOST') return void request.socket.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenFileEnds(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, faults };
}
