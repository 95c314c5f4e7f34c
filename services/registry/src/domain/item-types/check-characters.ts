// Identifiers of people and organizations carry check characters: a slip of typing is told before it becomes a wrong reference.
export const ORCID = '^https://orcid\\.org/[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$';
export const ROR = '^https://ror\\.org/0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}$';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** ISO 7064 MOD 11-2 over the sixteen characters. */
export function orcidProblem(url: string): string | undefined {
  if (!new RegExp(ORCID).test(url)) return undefined;
  const digits = url.slice(-19).replaceAll('-', '');
  let total = 0;
  for (const digit of digits.slice(0, -1)) total = (total + Number(digit)) * 2;
  const check = (12 - (total % 11)) % 11;
  return digits.endsWith(check === 10 ? 'X' : String(check))
    ? undefined
    : 'ORCID iD: its last character does not fit the others; look for a slip of typing.';
}

/** ISO 7064 MOD 97-10: two digits after a number in Crockford's base 32. */
export function rorProblem(url: string): string | undefined {
  if (!new RegExp(ROR).test(url)) return undefined;
  const id = url.slice(-9);
  let number = 0;
  for (const character of id.slice(0, 7)) number = number * 32 + CROCKFORD.indexOf(character);
  const check = 98 - ((number * 100) % 97);
  return Number(id.slice(7)) === check
    ? undefined
    : 'ROR iD: its last two digits do not fit the others; look for a slip of typing.';
}
