import {
  anyUri,
  asDescription,
  asKeywords,
  date,
  DURATION,
  flag,
  formed,
  group,
  itemId,
  itemSchema,
  line,
  list,
  number,
  optional,
  text,
  unsearched,
  webUrl,
  withHelp,
} from './fields.js';
import type { ItemType, MetadataRule } from './item-type.js';
import { at, textAt } from './places.js';
import { inOrder, sound } from './rules.js';

const MAX_SPATIAL = 50_000;
const MAX_WORDS = 100;

const approval = (title: string, question: string, obtained: string) =>
  group(title, question, {
    relevant: flag('Relevant', 'Whether this concerns the dataset.'),
    obtained: flag('Obtained', obtained),
  });

const associations = group('Associations', 'The people and organisations behind the dataset.', {
  organisationId: itemId(
    'Organisation',
    'The organisation on whose behalf the dataset is registered.',
    'ORGANISATION',
  ),
  dataCustodianId: optional(itemId('Custodian', 'The person who takes care of the dataset.', 'PERSON')),
  pointOfContact: optional(
    withHelp(
      text('Point of contact', 'Whom to ask about the dataset, for example an e-mail address.', 1_000),
      'Ask for consent before you name a person here.',
    ),
  ),
});

const approvals = group('Approvals', 'Which approvals the dataset needs, and whether they were obtained.', {
  ethicsRegistration: approval(
    'Ethics and privacy: registration',
    'Human data, or anything else that needs approval before it is registered.',
    'Whether the approvals and consents for the registration were obtained.',
  ),
  ethicsAccess: approval(
    'Ethics and privacy: access',
    'Human data, or anything else that needs approval before others get it.',
    'Whether the approvals and consents for the access of others were obtained.',
  ),
  indigenousKnowledge: approval(
    'Indigenous knowledge',
    'Knowledge of indigenous communities.',
    'Whether the communities consent to its use and to access to it here.',
  ),
  exportControls: approval(
    'Export controls',
    'Goods or knowledge under export control.',
    'Whether the checks were made and the permits obtained.',
  ),
});

const datasetInfo = group('Dataset', 'What the dataset is.', {
  name: line('Name', 'What the dataset is called.', { example: 'Reef survey 2026' }),
  description: asDescription(
    text('Description', 'What the data are, how they came about, what they are for.'),
  ),
  accessInfo: group('Access', 'Where the data are kept.', {
    reposited: flag('Kept here', 'Whether the data are kept by this platform; if not, say where.'),
    uri: optional(anyUri('Address', 'Where the data are, if not here.', 'https://example.org/data')),
    description: optional(text('How to get them', 'How to get the data, if they are not here.', 5_000)),
  }),
  publisherId: itemId('Publisher', 'The organisation that publishes or made the dataset.', 'ORGANISATION'),
  createdDate: date('Created', 'The day on which this version of the data was made.'),
  publishedDate: date('Published', 'The day on which this version was first published; if never, today.'),
  license: webUrl(
    'Licence',
    'Web address of the licence under which the data may be used.',
    'https://creativecommons.org/licenses/by/4.0/',
  ),
  purpose: optional(text('Purpose', 'Why the data were made.')),
  rightsHolder: optional(
    withHelp(
      line('Rights holder', 'Who holds or manages the rights in the data.', { max: 1_000 }),
      'Ask for consent before you name a person here.',
    ),
  ),
  usageLimitations: optional(
    text('Limitations', 'What restricts access or use: legal, privacy, commercial.'),
  ),
  preferredCitation: optional(text('Preferred citation', 'How the dataset is to be cited.', 5_000)),
  spatialInfo: optional(
    group('Space', 'The places that the data are about.', {
      coverage: optional(
        unsearched(text('Coverage', 'The area, as EWKT: for example SRID=4326;POINT(1 2).', MAX_SPATIAL)),
      ),
      resolution: optional(
        number('Resolution', 'Distance between places, in decimal degrees.', {
          exclusiveMinimum: 0,
          maximum: 360,
        }),
      ),
      extent: optional(unsearched(text('Extent', 'The bounding box, as EWKT.', MAX_SPATIAL))),
    }),
  ),
  temporalInfo: optional(
    group('Time', 'The time that the data are about.', {
      duration: optional(
        group('Period', 'From the first day to the last.', {
          beginDate: date('First day', 'The first day that the data are about.'),
          endDate: date('Last day', 'The last day that the data are about; not before the first.'),
        }),
      ),
      resolution: optional(
        formed('Resolution', 'Time between values, as an ISO 8601 duration.', DURATION, 'P1DT6H'),
      ),
    }),
  ),
  formats: optional(
    list(
      'Formats',
      'Formats of the files.',
      line('Format', 'One format.', { max: 100, example: 'csv' }),
      MAX_WORDS,
    ),
  ),
  keywords: optional(
    list(
      'Keywords',
      'Words by which the dataset is to be found.',
      asKeywords(line('Keyword', 'A word or a phrase.', { max: 100, example: 'coral' })),
      MAX_WORDS,
    ),
  ),
});

const ACCESS = ['datasetInfo', 'accessInfo'] as const;

/** Data that are elsewhere say where and how; data that are here say neither. */
const placeOfData: MetadataRule = (metadata) => {
  const kept = at(metadata, ...ACCESS, 'reposited');
  if (typeof kept !== 'boolean') return [];
  return (['uri', 'description'] as const).flatMap((name) => {
    const given = at(metadata, ...ACCESS, name) !== undefined;
    if (given !== kept) return [];
    const message = kept
      ? 'is to be left out: the data are kept here (reposited is true).'
      : 'is missing: the data are not kept here (reposited is false).';
    return [
      { path: [...ACCESS, name], message: `${name === 'uri' ? 'Address' : 'How to get them'} ${message}` },
    ];
  });
};

/** Pages show the address as a link: it must not be a program. */
const addressProblem = (uri: string): string | undefined =>
  /^(?:javascript|data|vbscript|blob):/i.test(uri)
    ? 'Address: it says where the data are, so javascript:, data:, vbscript: and blob: are refused.'
    : undefined;

export const DATASET: ItemType = {
  subtype: 'DATASET',
  category: 'ENTITY',
  versionable: true,
  writtenBy: 'PEOPLE',
  displayName: (metadata) => textAt(metadata, 'datasetInfo', 'name'),
  schemas: [
    itemSchema({
      version: 1,
      title: 'Dataset',
      description: 'Data with what others need to know before they use them.',
      fields: { associations, approvals, datasetInfo },
      rules: [
        placeOfData,
        sound('/datasetInfo/accessInfo/uri', addressProblem),
        inOrder(
          ['datasetInfo', 'temporalInfo', 'duration', 'beginDate'],
          ['datasetInfo', 'temporalInfo', 'duration', 'endDate'],
          'Last day',
        ),
      ],
    }),
  ],
};
