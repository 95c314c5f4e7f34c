import { graphqlEnum } from '@weft/subgraph';
import type { ItemRole } from '../domain/access.js';
import type { AccessRequestState } from '../domain/access-request.js';
import type { ActivityWorkflowKind, WorkflowState } from '../domain/activity-workflow.js';
import type { RecordType, RevisionAction } from '../domain/item.js';
import type { ItemOrder } from '../application/ports.js';
import type { RegisteredSubtype } from '../domain/node.js';
import type { PrincipalKind } from '../domain/principal.js';

export const ItemOrderEnum = graphqlEnum<ItemOrder>('ItemOrder', 'How a list of items is ordered.', {
  NEWEST: 'By when they came to be known here, the last first.',
  OLDEST: 'By when they came to be known here, the first first.',
  LAST_UPDATED:
    'By the last change (`updatedAt`; of what nobody registered by when it came to be known), the latest first.',
  FIRST_UPDATED: 'By the last change, the longest ago first.',
  NAME: 'By name: capitals as small letters, and these by their code, so that a digit is before a letter and "ä" after "z".',
  NAME_DESCENDING: 'By name, backwards.',
});

export const RecordTypeEnum = graphqlEnum<RecordType>('RecordType', 'How far an item is.', {
  SEED: 'It has its persistent identifier and no content yet.',
  COMPLETE: 'It has content that fits the schema of its type.',
});

export const RegisteredSubtypeEnum = graphqlEnum<RegisteredSubtype>(
  'RegisteredSubtype',
  'The types of what can be registered.',
  {
    PERSON: 'Agent: somebody who does or answers for research.',
    ORGANISATION: 'Agent: an institution. Not the organization that owns things on this platform.',
    MODEL: 'Entity: software that simulates or computes something.',
    MODEL_RUN_WORKFLOW_TEMPLATE: 'Entity: what a model run takes and gives, slot by slot.',
    DATASET: 'Entity: data with its licence, dates and people.',
    DATASET_TEMPLATE: 'Entity: which files a dataset in a slot has.',
    MODEL_RUN: 'Activity: one run of a model, after a workflow template.',
    STUDY: 'Activity: what model runs are done for.',
    CREATE: 'Activity: the creation of an item. Written by the registry.',
    VERSION: 'Activity: the making of a new version of an item. Written by the registry.',
  },
);

export const WrittenByEnum = graphqlEnum<'PEOPLE' | 'REGISTRY'>('ItemWriter', 'Who writes items of a type.', {
  PEOPLE: 'People, with createItem and editItem.',
  REGISTRY: 'The registry: by its workflows, or by mutations made for the type.',
});

export const RevisionActionEnum = graphqlEnum<RevisionAction>('ItemRevisionAction', 'What an edit did.', {
  SEEDED: 'The identifier was minted, without content.',
  CREATED: 'The item was registered with its content.',
  COMPLETED: 'A seed got its content.',
  EDITED: 'The content was changed.',
  REVERTED: 'The content of an earlier revision came back.',
});

export const ItemRoleEnum = graphqlEnum<ItemRole>('ItemRole', 'What somebody may do with an item.', {
  METADATA_READ: 'See the item and its metadata.',
  METADATA_WRITE: 'Edit the metadata; includes METADATA_READ.',
  DATA_READ:
    'Read the data: download the file of a dataset or the files of a data pool; includes METADATA_READ. It opens, and never closes: members of the organization that stores a file may read it anyway. A data pool that a dataset names has rights of its own. Given to an organization or to everyone, the file may also be input of jobs.',
  DATA_WRITE:
    'Change the data: name the file of a dataset that has none, change the files of a data pool; includes all but ADMIN.',
  ADMIN: 'Everything: also rights, locks, versions, transfer and withdrawal.',
});

export const PrincipalKindEnum = graphqlEnum<PrincipalKind>('PrincipalKind', 'To whom roles are granted.', {
  EVERYONE:
    'Everybody who is signed in. What the item is called, and that it is there, is told to the whole world: by its persistent identifier, and to the registrar of that.',
  ORGANIZATION: 'All members of an organization.',
  MAINTAINERS: 'Members of an organization with the role MAINTAINER or OWNER.',
  TEAM: 'Members of a team.',
  USER: 'One user.',
});

export const AccessRequestStateEnum = graphqlEnum<AccessRequestState>(
  'ItemAccessRequestState',
  'What became of a request for roles on an item.',
  {
    PENDING: 'Nobody has decided yet.',
    APPROVED: 'The roles were given.',
    REJECTED: 'They were not.',
    CANCELLED: 'Who asked took the request back.',
  },
);

export const WorkflowStateEnum = graphqlEnum<WorkflowState>(
  'ActivityWorkflowState',
  'Where a workflow of the registry, or a step of it, stands as far as the registry has heard.',
  {
    PENDING: 'No job of it runs yet.',
    IN_PROGRESS: 'It runs.',
    SUCCEEDED: 'All of it is done.',
    FAILED: 'A job failed; retryJob or retryWorkflow tries again.',
    CANCELLED: 'A job was cancelled; retryJob tries again.',
  },
);

export const ActivityWorkflowKindEnum = graphqlEnum<ActivityWorkflowKind>(
  'ActivityWorkflowKind',
  'What a workflow of the registry writes down.',
  {
    CREATE: 'How an item came to be.',
    VERSION: 'How a new version of an item came to be.',
    MODEL_RUN: 'What a run of a model used and made.',
    MODEL_RUN_UPDATE: 'The same, after the run was edited or deleted.',
  },
);
