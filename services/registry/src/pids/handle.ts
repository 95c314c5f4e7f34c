// Handles by the REST API of a Handle.Net server (version 8 and later): PUT makes a handle, or replaces what it says.
import { randomBytes } from 'node:crypto';
import type { PidProvider } from '../application/pid-ports.js';
import { newCheckedName } from '../domain/pid.js';
import { PidFailure } from '../domain/pid-publication.js';
import { accept, put, type Registrar, type RegistrarAnswer } from './registrar.js';

export interface HandleOptions extends Omit<Registrar, 'contentType' | 'settings'> {
  readonly prefix: string;
  readonly shoulder: string;
  readonly timeoutMs?: number;
}

const SETTINGS = 'HANDLE_URL, HANDLE_PREFIX, HANDLE_USER and HANDLE_PASSWORD';
const SCHEME = 'hdl:';
const URL_INDEX = 1;
const DESCRIPTION_INDEX = 2;
const ADMIN_INDEX = 100;
/** Of the administrator over the handle, as the examples of Handle.Net have it. */
const PERMISSIONS = '011111110011';

/** "Handle server not responsible for this handle": the prefix is wrong, not the handle. */
const NOT_RESPONSIBLE = 301;

export function handleProvider(options: HandleOptions): PidProvider {
  const { prefix, shoulder, user } = options;
  const registrar: Registrar = {
    settings: SETTINGS,
    url: options.url,
    // A user is `<index>:<handle>`; its own colon would end the name within the header.
    user: encodeURIComponent(user),
    password: options.password,
    contentType: 'application/json',
  };
  const [adminIndex = '', admin = ''] = /^(\d+):(.+)$/.exec(user)?.slice(1) ?? [];
  const administration = {
    index: ADMIN_INDEX,
    type: 'HS_ADMIN',
    data: {
      format: 'admin',
      value: { handle: admin, index: Number(adminIndex), permissions: PERMISSIONS },
    },
  };
  const tell = async (pid: string, query: string, values: readonly object[], signal: AbortSignal) => {
    const path = `/api/handles/${nameOf(pid)}${query}`;
    judge(await put(registrar, path, { values }, signal, options.timeoutMs));
  };
  return {
    kind: 'handle',
    owns: (pid) => pid.startsWith(`${SCHEME}${prefix}/`),
    mint: () => `${SCHEME}${newCheckedName(prefix, shoulder, randomBytes)}`,
    publish: (pid, { url, title }, signal) =>
      tell(
        pid,
        '',
        [text(URL_INDEX, 'URL', url), text(DESCRIPTION_INDEX, 'DESC', title), administration],
        signal,
      ),
    updateTarget: (pid, url, signal) =>
      tell(pid, `?index=${URL_INDEX}`, [text(URL_INDEX, 'URL', url)], signal),
    // The handle stays and leads to the tombstone.
    retire: (pid, reason, signal) =>
      tell(
        pid,
        `?index=${DESCRIPTION_INDEX}`,
        [text(DESCRIPTION_INDEX, 'DESC', `Withdrawn: ${reason}`)],
        signal,
      ),
  };
}

const text = (index: number, type: string, value: string) => ({
  index,
  type,
  data: { format: 'string', value },
});

const nameOf = (pid: string): string => pid.slice(SCHEME.length).split('/').map(encodeURIComponent).join('/');

function judge(answer: RegistrarAnswer): void {
  if (answer.status === 400 && new RegExp(`"responseCode"\\s*:\\s*${NOT_RESPONSIBLE}\\b`).test(answer.text))
    throw new PidFailure('SETUP', `answered 400: ${answer.text} - look at ${SETTINGS}`);
  accept(answer, SETTINGS);
}
