// The forms of what people say of data pools and their files.
import { isFileName, MAX_FILE_NAME } from '@weft/contracts';
import { userError, type UserError } from '@weft/errors';
import { principalOf, rolesOf, type ItemAccess } from './access.js';
import type { DataPoolDescription } from './data-pool.js';
import { EVERYONE, memberOf } from './principal.js';
import { nameProblems, tagProblems, textProblems } from './text-rules.js';

export const MAX_DESCRIPTION = 10_000;
export const MAX_FORMAT = 100;
const MAX_LICENCE = 300;

/** SPDX: ids, `-or-later`, expressions with AND, OR, WITH and parentheses. */
const SPDX = /^[A-Za-z0-9(][A-Za-z0-9.+() -]{0,199}$/;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}(?:; ?[a-z0-9-]+=[\w.+-]+)*$/i;

const isWebAddress = (text: string): boolean => {
  if (!/^https?:\/\/[^\s<>"]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).hostname !== '';
};

export const licenceProblems = (licence: string | null | undefined, ...path: string[]): UserError[] =>
  licence == null || (licence.length <= MAX_LICENCE && (SPDX.test(licence) || isWebAddress(licence)))
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          'A licence is an SPDX id or expression such as "CC-BY-4.0", or its web address.',
          ...path,
        ),
      ];

export const descriptionProblems = ({
  name,
  description,
  licence,
  tags,
}: DataPoolDescription): UserError[] => [
  ...nameProblems(name, 'input', 'name'),
  ...textProblems(description, MAX_DESCRIPTION, 'input', 'description'),
  ...licenceProblems(licence, 'input', 'licence'),
  ...tagProblems(tags, 'input', 'tags'),
];

export const fileNameProblems = (name: string, ...path: string[]): UserError[] =>
  isFileName(name)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          `The name of a file has 1 to ${MAX_FILE_NAME} characters; folders are parted by "/", without empty ones, "." and "..", backslashes and control characters.`,
          ...path,
        ),
      ];

export interface FileDescription {
  readonly name: string;
  readonly mediaType?: string | null;
  readonly format?: string | null;
  readonly licence?: string | null;
  readonly description?: string | null;
}

export const fileProblems = ({
  name,
  mediaType,
  format,
  licence,
  description,
}: FileDescription): UserError[] => [
  ...fileNameProblems(name, 'input', 'name'),
  ...(mediaType == null || MEDIA_TYPE.test(mediaType)
    ? []
    : [
        userError(
          'BAD_USER_INPUT',
          'A media type looks like "application/json" or "text/plain".',
          'input',
          'mediaType',
        ),
      ]),
  ...textProblems(format ?? '', MAX_FORMAT, 'input', 'format'),
  ...licenceProblems(licence, 'input', 'licence'),
  ...textProblems(description ?? '', MAX_DESCRIPTION, 'input', 'description'),
];

/**
 * Whether a user may be one who reads the data: he has a grant, or some group has, whose members the registry does not know.
 * An OWNER of the organization decides without being named.
 */
export function mayReach(access: ItemAccess, userId: string): boolean {
  const groups = access.grants.filter(({ kind }) => kind !== 'USER').map(principalOf);
  const perhaps = [EVERYONE, userId, memberOf(access.organizationId, userId), ...groups];
  return rolesOf(perhaps, access).has('DATA_READ');
}
