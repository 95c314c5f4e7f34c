// Which URLs a webhook may have. Names are looked up and their addresses checked again before each try.
import { addressProblem, type AddressPolicy } from './address.js';

export interface UrlPolicy extends AddressPolicy {
  readonly allowHttp: boolean;
}

export const MAX_URL = 2_000;

/** Ports that browsers refuse too, because what listens there speaks no HTTP and could be made to obey it. */
const BAD_PORTS: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]); // prettier-ignore

const INSIDE = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa|onion|invalid|test|example)$/;

export type UrlVerdict =
  | { readonly ok: true; readonly url: string; readonly host: string }
  | { readonly ok: false; readonly problem: string };

/** The URL in its normal form and its host without brackets, or what is wrong with it. */
export function judgeWebhookUrl(text: string, policy: UrlPolicy): UrlVerdict {
  const no = (problem: string): UrlVerdict => ({ ok: false, problem });
  if (text.length > MAX_URL) return no(`has more than ${MAX_URL} characters`);
  // What parsers disagree on: white space that one drops, a backslash that is a slash to another.
  if (/[\s\p{Cc}\\]/u.test(text) || !text.isWellFormed())
    return no('has white space, a backslash or control characters');
  if (!URL.canParse(text)) return no('is no URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(policy.allowHttp && url.protocol === 'http:'))
    return no(policy.allowHttp ? 'must begin with https: or http:' : 'must begin with https:');
  if (url.username !== '' || url.password !== '') return no('must not carry credentials');
  if (url.hash !== '' || text.includes('#')) return no('must not have a fragment');
  const port = url.port === '' ? undefined : Number(url.port);
  if (port !== undefined && !isSanePort(port, url.protocol, policy)) return no(`must not use port ${port}`);
  const host = hostOf(url);
  if (isLiteral(host)) {
    const problem = addressProblem(host, policy);
    if (problem !== undefined) return no(`points to ${host}, which ${problem}`);
  } else if (!policy.allowPrivate && (!host.includes('.') || INSIDE.test(host))) {
    return no('must name a host of the public internet');
  }
  if (host === '' || host.length > 253) return no('has no usable host');
  if (!host.includes(':')) url.hostname = host;
  return { ok: true, url: url.href, host };
}

/** Without brackets and without the dot at the end that makes a name another one of the same machine. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');

/** The parser has brought every way to write an IPv4 address into four decimal numbers. */
export const isLiteral = (host: string): boolean => host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);

function isSanePort(port: number, protocol: string, policy: UrlPolicy): boolean {
  if (port === (protocol === 'https:' ? 443 : 80)) return true;
  if (policy.allowHttp && (port === 80 || port === 443)) return true;
  return port >= 1024 && !BAD_PORTS.has(port);
}
