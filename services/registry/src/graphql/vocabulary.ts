import { graphqlEnum } from '@weft/subgraph';
import type { AgentSubtype, ItemSubtype, Outcome, Relation } from '../domain/node.js';

/** The domain's closed lists as GraphQL enums. */
export const ItemSubtypeEnum = graphqlEnum<ItemSubtype>('ItemSubtype', 'What an item is.', {
  DATASET: 'Data that a job used: a value known by its SHA-256, or an artifact.',
  RESULT: 'What a job made.',
  SERVICE_VERSION: 'The code that a job ran.',
});

export const AgentSubtypeEnum = graphqlEnum<AgentSubtype>(
  'AgentSubtype',
  'Who or what bears responsibility for an activity.',
  {
    PERSON: 'A user.',
    SOFTWARE_AGENT: 'A worker that ran a job on behalf of a user.',
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
    WAS_DERIVED_FROM: 'The entity was made from another entity.',
    WAS_ASSOCIATED_WITH: 'The agent had a part in the activity.',
    ACTED_ON_BEHALF_OF: 'The agent acted for another agent.',
    WAS_INFORMED_BY: 'The activity followed from an earlier activity, such as the job that it retries.',
  },
);
