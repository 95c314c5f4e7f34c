export {
  difference,
  statementsOf,
  type Attribute,
  type Bundle,
  type DictionaryEntry,
  type ProvDocument,
  type Statement,
  type StatementSet,
  type Value,
} from './document.js';
export {
  LINEAGE_RELATIONS,
  lineageDocument,
  type FactValue,
  type Facts,
  type Lineage,
  type LineageEdge,
  type LineageNode,
  type LineageRecord,
  type LineageRelation,
} from './lineage-document.js';
export type { Iri, Namespaces } from './namespaces.js';
export { readProvJson } from './read-prov-json.js';
export { readProvN } from './read-prov-n.js';
export { PROV, XSD, type StatementKind } from './terms.js';
export { writeProvJson } from './write-prov-json.js';
export { statementLines, writeProvN } from './write-prov-n.js';
export { writeTrig, writeTurtle } from './write-turtle.js';
export { CONSTRAINTS, type Constraint, type Violation } from './validity/constraints.js';
export { violationsOf } from './validity/validity.js';
