// Which network addresses a webhook may be sent to: those of the public internet and no others (docs/adr/0016).
// A list of what is allowed, so that a range that nobody thought of is refused.
import ipaddr from 'ipaddr.js';

export interface AddressPolicy {
  /** Development and tests: loopback and private networks too. */
  readonly allowPrivate: boolean;
}

/** What an operator's own network is made of. Link-local stays out: clouds keep their metadata services there. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'uniqueLocal',
  'carrierGradeNat',
]);

/** Public by their number, but answered by the cloud that the machine runs in. */
const METADATA: ReadonlySet<string> = new Set([
  '168.63.129.16',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** Why nothing is sent to this address; undefined when it may be. */
export function addressProblem(text: string, policy: AddressPolicy): string | undefined {
  // Shortened, octal and hexadecimal forms are read differently by different programs: none of them is read here.
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return 'is no address';
  const address = ipaddr.parse(text);
  if (METADATA.has(address.toString())) return 'is a metadata service';
  const range = address.range();
  if (policy.allowPrivate && PRIVATE_RANGES.has(range)) return undefined;
  if (range !== 'unicast') return `is not public (${range})`;
  if (address instanceof ipaddr.IPv6) {
    if (text.includes('%')) return 'has a zone';
    if (!address.match(GLOBAL_UNICAST)) return 'is not global unicast';
  }
  return undefined;
}
