// Persistent identifiers after the ARK scheme: `ark:<NAAN>/<shoulder><name><check>`. The alphabet has no vowels, so that no words
// come about, and no l; the last character is computed from all before it and finds any one wrong or two swapped characters.
export const ARK_ALPHABET = '0123456789bcdfghjkmnpqrstvwxz';
/** NAAN for tests: such names may mean something else elsewhere. */
export const TEST_NAAN = '99999';

/** 29 to the 14th: 10 million names of one shoulder collide with a chance below 1 in a million. */
const NAME_LENGTH = 14;
/** The check is sure up to this length, everything before the check character counted. */
const LONGEST_CHECKED = 27;

const RADIX = ARK_ALPHABET.length;
// Bytes from here on would make some characters likelier than others.
const FAIR_BYTES = 256 - (256 % RADIX);

const NAAN = new RegExp(`^[${ARK_ALPHABET}]{5,9}$`);
// Letters and one digit, so that it can be told from the name after it.
const SHOULDER = /^[bcdfghjkmnpqrstvwxz]{1,2}[0-9]$/;

/** What is wrong with the settings that names are made with. */
export const naanProblem = (naan: string): string | undefined =>
  NAAN.test(naan) ? undefined : `is not 5 to 9 characters of ${ARK_ALPHABET}`;

export const shoulderProblem = (shoulder: string): string | undefined =>
  SHOULDER.test(shoulder)
    ? undefined
    : 'is not one or two consonants (without l and y) and a digit, such as w1';

/** @param randomBytes gives so many bytes that nobody can foretell. */
export const newArk = (
  naan: string,
  shoulder: string,
  randomBytes: (count: number) => Uint8Array,
): string => {
  const problem = naanProblem(naan) ?? shoulderProblem(shoulder);
  if (problem !== undefined) throw new Error(`An ARK of ${naan}/${shoulder}: ${problem}.`);
  return `ark:${checked(`${naan}/${shoulder}${randomName(randomBytes)}`)}`;
};

/** A name of the same alphabet, with its check character, under a prefix of another scheme: `<prefix>/<shoulder><name><check>`. */
export const newCheckedName = (
  prefix: string,
  shoulder: string,
  randomBytes: (count: number) => Uint8Array,
): string => `${prefix}/${checked(`${shoulder}${randomName(randomBytes)}`)}`;

/** NOID check digit algorithm: each character times its place, modulo 29; a slash counts zero and takes a place. */
export function checkCharacter(text: string): string {
  let sum = 0;
  [...text].forEach((character, n) => {
    sum += Math.max(0, ARK_ALPHABET.indexOf(character)) * (n + 1);
  });
  return ARK_ALPHABET.charAt(sum % RADIX);
}

const checked = (text: string): string => `${text}${checkCharacter(text)}`;

function randomName(randomBytes: (count: number) => Uint8Array): string {
  let name = '';
  while (name.length < NAME_LENGTH)
    for (const byte of randomBytes(NAME_LENGTH))
      if (byte < FAIR_BYTES && name.length < NAME_LENGTH) name += ARK_ALPHABET.charAt(byte % RADIX);
  return name;
}

export type ArkCheck =
  | {
      readonly valid: true;
      /** Normalized, without what follows the name. */
      readonly ark: string;
      /** A part or a variant of the thing, from its `/` or `.` on; it is not covered by the check. */
      readonly qualifier: string;
    }
  | { readonly valid: false; readonly problem: string };

/** Whether a text, as people type or paste it, is an ARK with a right check character. */
export function checkArk(text: string): ArkCheck {
  const wrong = (problem: string): ArkCheck => ({ valid: false, problem });
  if (text.length > LONGEST_TEXT) return wrong(`An ARK has at most ${LONGEST_TEXT} characters.`);
  const ark = normalizeArk(text);
  const parts = /^ark:([^/]*)\/([^/.]*)(.*)$/s.exec(ark);
  if (parts === null) return wrong('An ARK is ark:, a number (NAAN), a slash and a name: ark:99999/w1….');
  const [, naan, name, qualifier] = parts as unknown as [string, string, string, string];
  const problem = naanProblem(naan);
  if (problem !== undefined) return wrong(`The NAAN, between "ark:" and the slash, ${problem}.`);
  const stranger = [...name].find((character) => !ARK_ALPHABET.includes(character));
  if (stranger !== undefined)
    return wrong(`The name holds ${JSON.stringify(stranger)}; its characters are ${ARK_ALPHABET}.`);
  if (name.length < 2) return wrong('The name is too short to hold a check character.');
  if (naan.length + name.length > LONGEST_CHECKED)
    return wrong('The name is longer than its check can cover.');
  const zone = `${naan}/${name.slice(0, -1)}`;
  if (checkCharacter(zone) !== name.at(-1))
    return wrong('The check character at the end does not fit; look for a wrong or swapped character.');
  return { valid: true, ark: `ark:${naan}/${name}`, qualifier };
}

const LONGEST_TEXT = 2_048;
// Programs that set text put them in and take them for one another.
const HYPHENS = /[-\u00ad\u2010-\u2015\u2212]/g;

/**
 * The one way to write an ARK, for comparing: no address before it, `ark:` without a slash, the NAAN in lower case, no hyphens,
 * no query, nothing empty at the end. What is no ARK comes back trimmed.
 */
export function normalizeArk(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST_TEXT) return trimmed;
  const parts = /^(?:https?:\/\/[^/\s]*\/(?:[^?#\s]*\/)?)?ark:\/?([^/\s?#]+)(\/\S*)$/is.exec(trimmed);
  const [, naan = '', rest = ''] = parts ?? [];
  const authority = naan.replace(HYPHENS, '').toLowerCase();
  if (authority === '') return trimmed;
  const name = rest
    .replace(/[?#].*$/s, '')
    .replace(HYPHENS, '')
    .replace(/[/.]+$/, '');
  return `ark:${authority}${name}`;
}

// What may stand before a name: an address that ends in the scheme, as a resolver of ours has it, or the resolver of the scheme.
const DOI =
  /^(?:https?:\/\/(?:(?:dx\.|www\.)?doi\.org\/|[^\s?#]*\/doi:)|doi:\s*)?(10\.\d{4,9}(?:\.\d+)*\/\S+)$/i;
const HANDLE =
  /^(?:https?:\/\/(?:hdl\.handle\.net\/|[^\s?#]*\/hdl:)|hdl:\s*)([\dA-Z]+(?:\.[\dA-Z]+)*\/\S+)$/i;

/**
 * The one way to write an identifier of any of our schemes, for comparing: an ARK, `doi:` in lower case (upper case means
 * nothing there), or `hdl:`. What is none of them comes back trimmed.
 */
export function normalizePid(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST_TEXT) return trimmed;
  const named = /^https?:/i.test(trimmed) ? trimmed.replace(/[?#].*$/s, '') : trimmed;
  const doi = DOI.exec(named)?.[1];
  if (doi !== undefined) return `doi:${doi.toLowerCase()}`;
  const handle = HANDLE.exec(named)?.[1];
  return handle === undefined ? normalizeArk(trimmed) : `hdl:${handle}`;
}
