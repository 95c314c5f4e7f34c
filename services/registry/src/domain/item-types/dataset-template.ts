import {
  asDescription,
  choice,
  flag,
  group,
  itemSchema,
  line,
  list,
  optional,
  text,
  texts,
  type Field,
} from './fields.js';
import type { ItemType } from './item-type.js';
import { textAt } from './places.js';
import { differ, sound } from './rules.js';

export const RESOURCE_USAGES = ['PARAMETER_FILE', 'CONFIG_FILE', 'FORCING_DATA', 'GENERAL_DATA'] as const;

const MAX_RESOURCES = 500;

const resource = (title: string, description: string, name: Readonly<Record<string, Field>>) =>
  group(title, description, {
    ...name,
    description: text('Description', 'What the file or folder holds.', 5_000),
    usageType: choice('Use', 'What the run uses it for.', RESOURCE_USAGES),
    optional: optional(flag('Optional', 'Whether a dataset may be without it; absent: it may not.')),
    isFolder: optional(flag('Folder', 'Whether it is a folder; absent: it is a file.')),
    additionalMetadata: optional(texts('Additional metadata', 'Anything else to say of it.', 50)),
  });

/** A path within a dataset leads nowhere else. */
export function resourcePathProblem(path: string): string | undefined {
  return path.startsWith('/') || path.split('/').includes('..')
    ? 'Path: it is relative to the root of the dataset, without a leading "/" and without "..".'
    : undefined;
}

export const DATASET_TEMPLATE: ItemType = {
  subtype: 'DATASET_TEMPLATE',
  category: 'ENTITY',
  versionable: true,
  writtenBy: 'PEOPLE',
  displayName: (metadata) => textAt(metadata, 'name'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Dataset template',
      description: 'What a dataset is to hold so that a run can use it, or what a run leaves in it.',
      fields: {
        name: line('Name', 'What the template is called.', { example: 'Reef survey' }),
        description: optional(
          asDescription(text('Description', 'What such datasets are for, if the resources do not say it.')),
        ),
        definedResources: list(
          'Defined resources',
          'Files and folders that stand at the same path in every dataset.',
          resource('Defined resource', 'A file or folder whose path is known.', {
            path: line('Path', 'From the root of the dataset, with "/" between folders.', {
              max: 1_000,
              example: 'forcing/wind.nc',
            }),
          }),
          MAX_RESOURCES,
        ),
        deferredResources: list(
          'Deferred resources',
          'Files and folders whose path each run says.',
          resource('Deferred resource', 'A file or folder whose path is told by the run.', {
            key: line('Key', 'The name by which runs tell its path.', { max: 100, example: 'wind' }),
          }),
          MAX_RESOURCES,
        ),
      },
      rules: [
        differ('This path', '/definedResources/*/path'),
        differ('This key', '/deferredResources/*/key'),
        sound('/definedResources/*/path', resourcePathProblem),
      ],
    }),
  ],
};
