import { flag, group, itemId, itemSchema, line, list, namedOnce, optional } from './fields.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';
import { differ } from './rules.js';

const MAX_SLOTS = 200;

const slots = (side: string, what: string) =>
  list(
    side,
    `Templates of the datasets that a run ${what}, each once.`,
    group('Dataset slot', 'One dataset by its template.', {
      templateId: namedOnce(itemId('Dataset template', 'What the dataset is to hold.', 'DATASET_TEMPLATE')),
      optional: optional(flag('Optional', 'Whether a run may be without it; absent: it may not.')),
    }),
    MAX_SLOTS,
  );

const keys = (title: string, description: string) =>
  list(title, description, line('Annotation', 'The name of an annotation.', { max: 100 }), MAX_SLOTS);

export const MODEL_RUN_WORKFLOW_TEMPLATE: ItemType = {
  subtype: 'MODEL_RUN_WORKFLOW_TEMPLATE',
  category: 'ENTITY',
  versionable: true,
  writtenBy: 'PEOPLE',
  displayName: (metadata) => textAt(metadata, 'name'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Model run workflow template',
      description: 'How runs of a model look: which model, which datasets go in and come out, what is noted.',
      fields: {
        name: line('Name', 'What the template is called.', { example: 'Yearly reef growth run' }),
        modelId: itemId('Model', 'The model that is run.', 'MODEL'),
        inputTemplates: slots('Inputs', 'uses'),
        outputTemplates: slots('Outputs', 'makes'),
        annotations: optional(
          group('Annotations', 'What runs note of themselves beside the fields that all of them have.', {
            required: keys('Required annotations', 'Names that every run gives a value.'),
            optional: keys('Optional annotations', 'Names that a run may give a value.'),
          }),
        ),
      },
      rules: [
        differ('This dataset template', '/inputTemplates/*/templateId'),
        differ('This dataset template', '/outputTemplates/*/templateId'),
        differ('This annotation', '/annotations/required/*', '/annotations/optional/*'),
      ],
    }),
  ],
};
