import { formed, itemSchema, line, optional } from './fields.js';
import { ROR, rorProblem } from './check-characters.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';
import { sound } from './rules.js';

export const ORGANISATION: ItemType = {
  subtype: 'ORGANISATION',
  category: 'AGENT',
  versionable: false,
  writtenBy: 'PEOPLE',
  displayName: (metadata) => textAt(metadata, 'name'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Organisation',
      description: 'An institution for which people act. It need not be an organization of this platform.',
      fields: {
        name: line('Name', 'The full name of the organisation.', {
          example: 'Example Institute of Oceanography',
        }),
        ror: optional(
          formed(
            'ROR iD',
            'The iD of the organisation at ror.org, as a URL.',
            ROR,
            'https://ror.org/03yrm5c26',
          ),
        ),
      },
      rules: [sound('/ror', rorProblem)],
    }),
  ],
};
