import { asDescription, itemSchema, line, text, webUrl } from './fields.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';

export const MODEL: ItemType = {
  subtype: 'MODEL',
  category: 'ENTITY',
  versionable: true,
  writtenBy: 'PEOPLE',
  displayName: (metadata) => textAt(metadata, 'name'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Model',
      description: 'Software that simulates or predicts, and is run with datasets.',
      fields: {
        name: line('Name', 'What the model is called.', { example: 'Reef growth model' }),
        description: asDescription(text('Description', 'What the model does, and on what assumptions.')),
        documentationUrl: webUrl(
          'Documentation',
          'Web address of its documentation.',
          'https://example.org/model/docs',
        ),
        sourceUrl: webUrl(
          'Source code',
          'Web address of its source code.',
          'https://example.org/model/source',
        ),
      },
    }),
  ],
};
