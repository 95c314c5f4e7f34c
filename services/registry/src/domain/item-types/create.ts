import { itemId, itemSchema } from './fields.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';

export const CREATE: ItemType = {
  subtype: 'CREATE',
  category: 'ACTIVITY',
  versionable: false,
  writtenBy: 'REGISTRY',
  displayName(metadata) {
    const item = textAt(metadata, 'createdItemId');
    return item === undefined ? undefined : `Creation of ${item}`;
  },
  schemas: [
    itemSchema({
      version: 1,
      title: 'Creation',
      description: 'That an item was registered.',
      fields: {
        createdItemId: itemId(
          'Created item',
          'The item that was registered.',
          'DATASET',
          'DATASET_TEMPLATE',
          'MODEL',
          'MODEL_RUN_WORKFLOW_TEMPLATE',
        ),
      },
    }),
  ],
};
