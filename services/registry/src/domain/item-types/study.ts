import { asDescription, itemSchema, line, optional, text } from './fields.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';

export const STUDY: ItemType = {
  subtype: 'STUDY',
  category: 'ACTIVITY',
  versionable: false,
  writtenBy: 'PEOPLE',
  displayName: (metadata) => textAt(metadata, 'title'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Study',
      description: 'A question that several model runs are made for.',
      fields: {
        title: line('Title', 'What the study is called.', { example: 'Reef growth under warming' }),
        description: asDescription(text('Description', 'What the study asks, and how.')),
        studyAlternativeId: optional(
          line('Other id', 'How the study is called in another system.', { example: 'PROJECT-42' }),
        ),
      },
    }),
  ],
};
