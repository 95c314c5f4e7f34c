import type { ServiceRuntime } from '@weft/contracts';
import { graphqlEnum } from '@weft/subgraph';
import type { Shortfall } from '../application/walk-lineage.js';
import type { Direction } from '../domain/lineage.js';
import type {
  ActivitySubtype,
  AgentSubtype,
  ItemSubtype,
  NodeKind,
  Outcome,
  Relation,
} from '../domain/node.js';

/** The domain's closed lists as GraphQL enums. */
export const ItemSubtypeEnum = graphqlEnum<ItemSubtype>('ItemSubtype', 'What an item is.', {
  PERSON: 'Registered agent: somebody who does or answers for research.',
  ORGANISATION: 'Registered agent: an institution. Not the organization that owns things on this platform.',
  MODEL: 'Registered entity: software that simulates or computes something.',
  MODEL_RUN_WORKFLOW_TEMPLATE: 'Registered entity: what a model run takes and gives, slot by slot.',
  DATASET: 'Registered entity: data with its licence, dates and people.',
  DATASET_TEMPLATE: 'Registered entity: which files a dataset in a slot has.',
  MODEL_RUN: 'Registered activity: one run of a model, after a workflow template.',
  STUDY: 'Registered activity: what model runs are done for.',
  CREATE: 'Registered activity: the creation of an item. Written by the registry.',
  VERSION: 'Registered activity: the making of a new version of an item. Written by the registry.',
  DATA: 'Recorded: data that a job used, a value known by its SHA-256 or an artifact.',
  RESULT: 'Recorded: what a job made.',
  SERVICE_VERSION: 'Recorded: the code that a job ran.',
  CODE: 'Recorded: the text of a command, known by its SHA-256.',
  JOB_DEFINITION: 'Recorded: a version of a job definition, by which jobs were started.',
  ENVIRONMENT: 'Recorded: what jobs ran in: runtime, sandbox, platform and limits.',
  DATA_POOL: 'Recorded: a data pool that was released or sealed, whose members are its files.',
  RECORD: 'Recorded: a bundle of statements that were lodged together, or the record of an item.',
  IMPORTED: 'Recorded: it came with an imported document of provenance.',
});

export const ItemCategoryEnum = graphqlEnum<NodeKind>('ItemCategory', 'What it is to provenance.', {
  ENTITY: 'A thing with its state: it is generated, used and derived.',
  ACTIVITY: 'Something that happens over a time.',
  AGENT: 'Who or what bears responsibility.',
});

export const AgentSubtypeEnum = graphqlEnum<AgentSubtype>(
  'AgentSubtype',
  'Who or what bears responsibility for an activity.',
  {
    PERSON: 'A registered person.',
    ORGANISATION: 'A registered organisation.',
    USER: 'A user of this platform.',
    OWNING_ORGANIZATION: 'An organization of this platform, for which its members act.',
    SOFTWARE_AGENT: 'A worker that ran a job on behalf of a user, or the target on which it ran.',
    IMPORTED: 'It came with an imported document of provenance.',
  },
);

export const ActivityOutcomeEnum = graphqlEnum<Outcome>('ActivityOutcome', 'How an activity ended.', {
  SUCCEEDED: 'All of it succeeded.',
  FAILED: 'Some of it failed.',
  CANCELLED: 'It was cancelled.',
});

export const RelationEnum = graphqlEnum<Relation>(
  'ProvenanceRelation',
  'How two nodes are related, after W3C PROV; each points from the later to the earlier.',
  {
    USED: 'The activity used the entity.',
    WAS_GENERATED_BY: 'The entity was made by the activity.',
    WAS_INVALIDATED_BY: 'The entity ceased to be by the activity, such as a withdrawal.',
    WAS_DERIVED_FROM: 'The entity was made from another entity.',
    WAS_REVISION_OF: 'The entity is a new version of another entity.',
    WAS_QUOTED_FROM: 'The entity repeats a part of another entity.',
    HAD_PRIMARY_SOURCE: 'The entity goes back to another entity that was there at first hand.',
    WAS_ATTRIBUTED_TO: 'The agent answers for the entity.',
    WAS_ASSOCIATED_WITH: 'The agent had a part in the activity.',
    ACTED_ON_BEHALF_OF: 'The agent (the delegate) acted for another agent (the responsible).',
    WAS_INFORMED_BY: 'The activity followed from an earlier activity, such as the job that it retries.',
    WAS_STARTED_BY: 'The activity was started by the entity.',
    WAS_ENDED_BY: 'The activity was ended by the entity.',
    WAS_INFLUENCED_BY: 'The one had some effect on the other, which nobody said more of.',
    SPECIALIZATION_OF: 'The one is the other in a certain aspect or at a certain time.',
    ALTERNATE_OF: 'Both are the same thing, seen differently.',
    HAD_MEMBER: 'The collection has the member.',
  },
);

export type ProvenanceSubtype = ItemSubtype | ActivitySubtype | AgentSubtype;

export const ProvenanceSubtypeEnum = graphqlEnum<ProvenanceSubtype>(
  'ProvenanceSubtype',
  'What a node of provenance is: the subtypes of items, activities and agents.',
  {
    PERSON: 'Agent: a registered person.',
    ORGANISATION: 'Agent: a registered organisation.',
    MODEL: 'Entity: a registered model.',
    MODEL_RUN_WORKFLOW_TEMPLATE: 'Entity: a registered template of model runs.',
    DATASET: 'Entity: a registered dataset.',
    DATASET_TEMPLATE: 'Entity: a registered template of datasets.',
    MODEL_RUN: 'Activity: a registered run of a model.',
    STUDY: 'Activity: a registered study.',
    CREATE: 'Activity: the creation of an item.',
    VERSION: 'Activity: the making of a new version of an item.',
    DATA: 'Entity: data that a job used.',
    RESULT: 'Entity: what a job made.',
    SERVICE_VERSION: 'Entity: the code that a job ran.',
    CODE: 'Entity: the command that a job ran.',
    JOB_DEFINITION: 'Entity: a version of a job definition, by which jobs were started.',
    ENVIRONMENT: 'Entity: what a job ran in.',
    DATA_POOL: 'Entity: a data pool that was released or sealed, whose members are its files.',
    RECORD: 'Entity: a bundle of statements.',
    JOB: 'Activity: a job.',
    WITHDRAWAL: 'Activity: that an item was withdrawn.',
    USER: 'Agent: a user of this platform.',
    OWNING_ORGANIZATION: 'Agent: an organization of this platform, for which its users act.',
    SOFTWARE_AGENT: 'Agent: a worker that ran a job, or the target on which it did.',
    IMPORTED: 'Entity, activity or agent: it came with an imported document.',
  },
);

export const LineageDirectionEnum = graphqlEnum<Direction>(
  'LineageDirection',
  'Which way lineage is followed.',
  {
    UPSTREAM: 'To what something came from.',
    DOWNSTREAM: 'To what came of something.',
  },
);

export const LineageShortfallEnum = graphqlEnum<Shortfall>(
  'LineageShortfall',
  'Why a lineage is not all there is.',
  {
    NODES: 'There are more than 10000 nodes; the nearest are in the answer.',
    WORK: 'The request has read as much as it may (200000 edges, 5000 steps, over all its lineages); whole hops are in the answer.',
    OWN_ONLY:
      "Others have made so much of this that the request may not read it all; what the caller's organizations say is in the answer.",
  },
);

export const ServiceRuntimeEnum = graphqlEnum<ServiceRuntime>(
  'ServiceRuntime',
  'The language of a managed service.',
  { NODEJS: 'JavaScript on Node.js.', PYTHON: 'Python 3.' },
);
