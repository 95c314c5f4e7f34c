import type { Statement } from '../document.js';
import type { Iri } from '../namespaces.js';

/** The constraints of PROV-CONSTRAINTS that a document can break, by their numbers (https://www.w3.org/TR/prov-constraints/). */
export const CONSTRAINTS = {
  22: 'key-object',
  23: 'key-properties',
  24: 'unique-generation',
  25: 'unique-invalidation',
  26: 'unique-wasStartedBy',
  27: 'unique-wasEndedBy',
  28: 'unique-startTime',
  29: 'unique-endTime',
  30: 'start-precedes-end',
  31: 'start-start-ordering',
  32: 'end-end-ordering',
  33: 'usage-within-activity',
  34: 'generation-within-activity',
  35: 'wasInformedBy-ordering',
  36: 'generation-precedes-invalidation',
  37: 'generation-precedes-usage',
  38: 'usage-precedes-invalidation',
  39: 'generation-generation-ordering',
  40: 'invalidation-invalidation-ordering',
  41: 'derivation-usage-generation-ordering',
  42: 'derivation-generation-generation-ordering',
  43: 'wasStartedBy-ordering',
  44: 'wasEndedBy-ordering',
  45: 'specialization-generation-ordering',
  46: 'specialization-invalidation-ordering',
  47: 'wasAssociatedWith-ordering',
  48: 'wasAttributedTo-ordering',
  49: 'actedOnBehalfOf-ordering',
  50: 'typing',
  51: 'impossible-unspecified-derivation-generation-use',
  52: 'impossible-specialization-reflexive',
  53: 'impossible-property-overlap',
  54: 'impossible-object-property-overlap',
  55: 'entity-activity-disjoint',
  56: 'membership-empty-collection',
} as const;

export type Constraint = keyof typeof CONSTRAINTS;

export interface Violation {
  /** The number of the constraint that is broken; of an ordering the one that asks for the strict order. */
  readonly constraint: Constraint;
  /** All constraints that together cannot hold, this one among them; of an ordering in the order of the circle. */
  readonly because: readonly Constraint[];
  /** In words, with the names at fault. */
  readonly message: string;
  /** Statements of the document that cannot all be true. */
  readonly statements: readonly Statement[];
  /** The bundle that states them; undefined for the document's own. */
  readonly bundle: Iri | undefined;
}

export type Finding = Omit<Violation, 'bundle'>;
