import { registerEnumType } from 'type-graphql';
import { AGENT_SUBTYPES, ITEM_SUBTYPES, OUTCOMES, RELATIONS } from '../domain/node.js';

/** The domain's closed lists as GraphQL enums. */
export const enumOf = <Value extends string>(values: readonly Value[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { readonly [V in Value]: V };

export const described = <Value extends string>(descriptions: Readonly<Record<Value, string>>) =>
  Object.fromEntries(
    Object.entries<string>(descriptions).map(([value, description]) => [value, { description }]),
  ) as {
    [V in Value]: { description: string };
  };

export const ItemSubtypeEnum = enumOf(ITEM_SUBTYPES);
registerEnumType(ItemSubtypeEnum, {
  name: 'ItemSubtype',
  description: 'What an item is.',
  valuesConfig: described({
    DATASET: 'Data that a job used: a value known by its SHA-256, or an artifact.',
    RESULT: 'What a job made.',
    SERVICE_VERSION: 'The code that a job ran.',
  }),
});

export const AgentSubtypeEnum = enumOf(AGENT_SUBTYPES);
registerEnumType(AgentSubtypeEnum, {
  name: 'AgentSubtype',
  description: 'Who or what bears responsibility for an activity.',
  valuesConfig: described({
    PERSON: 'A user.',
    SOFTWARE_AGENT: 'A worker that ran a job on behalf of a user.',
  }),
});

export const ActivityOutcomeEnum = enumOf(OUTCOMES);
registerEnumType(ActivityOutcomeEnum, {
  name: 'ActivityOutcome',
  description: 'How an activity ended.',
  valuesConfig: described({
    SUCCEEDED: 'All of it succeeded.',
    FAILED: 'Some of it failed.',
    CANCELLED: 'It was cancelled.',
  }),
});

export const RelationEnum = enumOf(RELATIONS);
registerEnumType(RelationEnum, {
  name: 'ProvenanceRelation',
  description: 'How two nodes are related, after W3C PROV; each points from the later to the earlier.',
  valuesConfig: described({
    USED: 'The activity used the entity.',
    WAS_GENERATED_BY: 'The entity was made by the activity.',
    WAS_DERIVED_FROM: 'The entity was made from another entity.',
    WAS_ASSOCIATED_WITH: 'The agent had a part in the activity.',
    ACTED_ON_BEHALF_OF: 'The agent acted for another agent.',
    WAS_INFORMED_BY: 'The activity followed from an earlier activity, such as the job that it retries.',
  }),
});
