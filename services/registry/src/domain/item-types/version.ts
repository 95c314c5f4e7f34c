import { asDescription, count, itemId, itemSchema, text } from './fields.js';
import type { ItemType } from './item-type.js';
import { at, textAt } from './places.js';

const versioned = (title: string, description: string) =>
  itemId(title, description, 'DATASET', 'DATASET_TEMPLATE', 'MODEL', 'MODEL_RUN_WORKFLOW_TEMPLATE');

export const VERSION: ItemType = {
  subtype: 'VERSION',
  category: 'ACTIVITY',
  versionable: false,
  writtenBy: 'REGISTRY',
  displayName(metadata) {
    const [from, number] = [textAt(metadata, 'fromItemId'), at(metadata, 'newVersionNumber')];
    return from === undefined || typeof number !== 'number' ? undefined : `Version ${number} of ${from}`;
  },
  schemas: [
    itemSchema({
      version: 1,
      title: 'New version',
      description: 'That a new version of an item was made.',
      fields: {
        reason: asDescription(text('Reason', 'Why there is a new version.', 5_000)),
        fromItemId: versioned('From', 'The version before.'),
        toItemId: versioned('To', 'The new version.'),
        newVersionNumber: count('Number', 'The number of the new version; the first has 1.', 2, 1_000_000),
      },
      rules: [
        (metadata) => {
          const to = textAt(metadata, 'toItemId');
          return to !== undefined && to === textAt(metadata, 'fromItemId')
            ? [{ path: ['toItemId'], message: 'To: an item is no version of itself.' }]
            : [];
        },
      ],
    }),
  ],
};
