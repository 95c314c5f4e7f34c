import type { ActivitySubtype, AgentSubtype, EntitySubtype, NodeFacts, NodeKind, Relation } from './node.js';

/**
 * What a node is, as text: equal identities are one node, whoever mentions them and in whatever order.
 * What belongs to a tenant has the organization in its identity, so that no tenant can speak of another's.
 */
export const identity = {
  job: (jobId: string) => `job/${jobId}`,
  result: (jobId: string, index: number) => `job/${jobId}/result/${index}`,
  serviceVersion: (serviceVersionId: string) => `service-version/${serviceVersionId}`,
  dataPool: (dataPoolId: string) => `data-pool/${dataPoolId}`,
  artifact: (organizationId: string, artifactId: string) => `${organizationId}/artifact/${artifactId}`,
  value: (organizationId: string, sha256: string) => `${organizationId}/value/${sha256}`,
  user: (organizationId: string, userId: string) => `${organizationId}/user/${userId}`,
  organization: (organizationId: string) => `${organizationId}/organization`,
  worker: (organizationId: string, workerId: string) => `${organizationId}/worker/${workerId}`,
  target: (organizationId: string, targetId: string) => `${organizationId}/target/${targetId}`,
  environment: (organizationId: string, digest: string) => `${organizationId}/environment/${digest}`,
  command: (organizationId: string, sha256: string) => `${organizationId}/command/${sha256}`,
  definition: (organizationId: string, definitionId: string, version: number) =>
    `${organizationId}/job-definition/${definitionId}/${version}`,
  /** What is an activity is nothing else (PROV-CONSTRAINTS 55), so of one name it is another thing. */
  imported: (organizationId: string, iri: string, isActivity: boolean) =>
    `${organizationId}/${isActivity ? 'prov-activity' : 'prov'}/${iri}`,
  /** The same text is the same record. */
  importedRecord: (organizationId: string, sha256: string, bundle: string | null) =>
    `${organizationId}/import/${sha256}${bundle === null ? '' : `/bundle/${bundle}`}`,
} as const;

export interface NodeStatement {
  readonly identity: string;
  readonly kind: NodeKind;
  readonly subtype: EntitySubtype | ActivitySubtype | AgentSubtype;
  readonly organizationId: string | null;
  /** Everybody may see it. */
  readonly isPublic: boolean;
  /** Who may see it, where that is neither everybody nor just the organization. */
  readonly readers?: readonly string[];
  /** A higher revision replaces a lower one; 0 only mentions the node and replaces nothing. */
  readonly revision: number;
  readonly name: string;
  readonly facts: NodeFacts;
  /** Subject of a description (description.ts) that adds to the facts. */
  readonly describedBy?: string;
}

export interface EdgeStatement {
  /** Identity of the later end. */
  readonly from: string;
  readonly relation: Relation;
  /** Identity of the earlier end. */
  readonly to: string;
  /** Empty when there is nothing to tell apart. */
  readonly role: string;
}

/** Nodes come once each; every end of an edge is among them. */
export interface Statements {
  readonly nodes: readonly NodeStatement[];
  readonly edges: readonly EdgeStatement[];
}

/** Collects statements; of several about one node the one with the highest revision counts. */
export class StatementBuilder {
  readonly #nodes = new Map<string, NodeStatement>();
  readonly #edges = new Map<string, EdgeStatement>();

  node(statement: NodeStatement): string {
    const known = this.#nodes.get(statement.identity);
    if (known === undefined || known.revision < statement.revision)
      this.#nodes.set(statement.identity, statement);
    return statement.identity;
  }

  edge(from: string, relation: Relation, to: string, role = ''): void {
    this.#edges.set([from, relation, to, role].join('\n'), { from, relation, to, role });
  }

  build(): Statements {
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] };
  }
}

/**
 * What several stories say, said at once: as if they had been told one after the other. An entity that one of them
 * generated is not generated again by a later one.
 */
export function mergeStatements(stories: readonly Statements[]): Statements {
  const merged = new StatementBuilder();
  const generated = new Set<string>();
  for (const { nodes, edges } of stories) {
    for (const node of nodes) merged.node(node);
    for (const { from, relation, to, role } of edges) {
      if (relation === 'WAS_GENERATED_BY' && generated.has(from)) continue;
      if (relation === 'WAS_GENERATED_BY') generated.add(from);
      merged.edge(from, relation, to, role);
    }
  }
  return merged.build();
}
