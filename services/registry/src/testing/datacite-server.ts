// DataCite after its public REST interface: PUT /dois/<doi> makes or changes a DOI; `event` moves it between draft, registered and findable.
import { startRegistrarServer, type GivenAnswer, type RegistrarServer } from './registrar-server.js';

export const DATACITE_PREFIX = '10.5072';
export const DATACITE_REPOSITORY = 'WEFT.TEST';
export const DATACITE_PASSWORD = 'datacite secret';

export interface Doi {
  readonly state: 'draft' | 'registered' | 'findable';
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface DataciteServer extends RegistrarServer {
  readonly dois: Map<string, Doi>;
}

/** From → by an event → to; what is not here stays where it is. */
const EVENTS: Readonly<Record<string, Partial<Record<Doi['state'], Doi['state']>>>> = {
  publish: { draft: 'findable', registered: 'findable' },
  register: { draft: 'registered' },
  hide: { findable: 'registered' },
};
const REQUIRED = ['url', 'titles', 'creators', 'publisher', 'publicationYear', 'types'];

const filled = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

export async function startDataciteServer(): Promise<DataciteServer> {
  const dois = new Map<string, Doi>();
  const problem = (status: number, title: string): GivenAnswer => ({
    status,
    body: { errors: [{ status: String(status), title }] },
  });
  const server = await startRegistrarServer(({ method, path, user, password, headers, body }) => {
    if (method !== 'PUT' || !path.startsWith('/dois/'))
      return problem(404, "The resource you are looking for doesn't exist.");
    if (user !== DATACITE_REPOSITORY || password !== DATACITE_PASSWORD)
      return problem(401, 'Bad credentials.');
    if (headers['content-type'] !== 'application/vnd.api+json') return problem(415, 'Unsupported Media Type');
    const id = path.slice('/dois/'.length);
    if (!id.startsWith(`${DATACITE_PREFIX}/`))
      return problem(403, 'You are not authorized to access this resource.');
    const { data } = body as { data?: { type?: string; attributes?: Record<string, unknown> } };
    if (data?.type !== 'dois')
      return problem(400, 'You need to provide a payload following the JSONAPI spec');
    const { event, doi, ...given } = data.attributes ?? {};
    if (doi !== undefined && doi !== id) return problem(422, 'The DOI cannot be changed');
    const known = dois.get(id);
    const attributes = { ...known?.attributes, ...given };
    const before = known?.state ?? 'draft';
    const state = EVENTS[String(event)]?.[before] ?? before;
    const missing = REQUIRED.find((name) => !filled(attributes[name]));
    if (state !== 'draft' && missing !== undefined) return problem(422, `${missing} can't be blank`);
    dois.set(id, { state, attributes });
    return {
      status: known === undefined ? 201 : 200,
      body: { data: { id, type: 'dois', attributes: { ...attributes, state } } },
    };
  });
  return { ...server, dois };
}
