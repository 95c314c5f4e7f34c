import { email, flag, formed, itemSchema, line, optional } from './fields.js';
import { ORCID, orcidProblem } from './check-characters.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';
import { sound } from './rules.js';

export const PERSON: ItemType = {
  subtype: 'PERSON',
  category: 'AGENT',
  versionable: false,
  writtenBy: 'PEOPLE',
  displayName(metadata) {
    const names = [textAt(metadata, 'firstName'), textAt(metadata, 'lastName')];
    return names.filter((name) => name !== undefined).join(' ') || undefined;
  },
  schemas: [
    itemSchema({
      version: 1,
      title: 'Person',
      description: 'Somebody who makes, runs or answers for what is registered.',
      fields: {
        firstName: line('First name', 'Given name or names.', { max: 100, example: 'Ada' }),
        lastName: line('Last name', 'Family name.', { max: 100, example: 'Lovelace' }),
        email: email('E-mail address', 'Where the person is reached.'),
        orcid: optional(
          formed(
            'ORCID iD',
            'The iD of the person at orcid.org, as a URL.',
            ORCID,
            'https://orcid.org/0000-0002-1825-0097',
          ),
        ),
        ethicsApproved: flag(
          'Consent given',
          'Whether the person has agreed to be registered with these details, as ethics and privacy approvals ask.',
        ),
      },
      rules: [sound('/orcid', orcidProblem)],
    }),
  ],
};
