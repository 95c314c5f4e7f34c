import {
  asDescription,
  choice,
  group,
  instant,
  itemId,
  itemSchema,
  line,
  list,
  optional,
  text,
  texts,
} from './fields.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';
import { inOrder } from './rules.js';

const MAX_DATASETS = 200;

const datasets = (title: string, description: string) =>
  list(
    title,
    description,
    group('Templated dataset', 'A dataset, and which template of the workflow it fills.', {
      datasetTemplateId: itemId(
        'Dataset template',
        'The template of the workflow that it fills.',
        'DATASET_TEMPLATE',
      ),
      datasetId: itemId('Dataset', 'The dataset itself.', 'DATASET'),
      datasetType: optional(choice('Kind of dataset', 'DATA_STORE: a registered dataset.', ['DATA_STORE'])),
      resources: optional(
        texts('Resources', 'The path within the dataset of each deferred resource, by its key.', 500),
      ),
    }),
    MAX_DATASETS,
  );

/** What a run says of itself. Whether it fits its template is judged where templates are known. */
export const MODEL_RUN: ItemType = {
  subtype: 'MODEL_RUN',
  category: 'ACTIVITY',
  versionable: false,
  writtenBy: 'REGISTRY',
  displayName: (metadata) => textAt(metadata, 'displayName'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Model run',
      description: 'That a model was run: when, by whom, with what, and what came of it.',
      fields: {
        workflowTemplateId: itemId(
          'Workflow template',
          'The template that the run follows.',
          'MODEL_RUN_WORKFLOW_TEMPLATE',
        ),
        modelVersion: optional(
          line('Model version', 'Which version of the model ran, for example a commit.', {
            example: 'v2.1.0',
          }),
        ),
        displayName: line('Name', 'What the run is called.', { example: 'Reef growth 2026, run 7' }),
        description: asDescription(text('Description', 'What the run was made for, and how.')),
        studyId: optional(itemId('Study', 'The study that the run belongs to.', 'STUDY')),
        inputs: datasets('Inputs', 'The datasets that the run used.'),
        outputs: datasets('Outputs', 'The datasets that the run made.'),
        annotations: optional(
          texts('Annotations', 'What the template asks to note, and anything else, by name.', 500),
        ),
        associations: group('Associations', 'Who ran it, and for whom.', {
          modellerId: itemId('Modeller', 'The person who ran the model.', 'PERSON'),
          requestingOrganisationId: optional(
            itemId('Requested by', 'The organisation that asked for the run.', 'ORGANISATION'),
          ),
        }),
        startTime: instant('Start', 'When the run began, with its offset from UTC.'),
        endTime: instant('End', 'When the run ended, with its offset from UTC; not before the start.'),
      },
      rules: [inOrder(['startTime'], ['endTime'], 'End')],
    }),
  ],
};
