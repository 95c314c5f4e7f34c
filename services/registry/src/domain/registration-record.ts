// A dataset that a run generated was registered by hand as well, by a Create or Version activity. Two activities that
// generate one entity would have to do it at the same moment (PROV-CONSTRAINTS 39), which is untrue. So what the
// registration says, it then says of the dataset's record, `<pid>/record`: an entity of its own that specializes the dataset.
import type { LodgedEdge } from './lodged-activity.js';
import { endsOf } from './model-run.js';
import type { NodeStatement } from './statement.js';
import type { Assertions } from './statement-diff.js';

/** The identity of the record of a dataset. */
export const registrationIdentity = (itemId: string): string => `registration/${itemId}`;

/** The record as a node; read by whoever may read the dataset. */
export const registrationOf = (item: {
  readonly id: string;
  readonly pid: string;
  readonly organizationId: string;
  readonly readers: readonly string[];
}): NodeStatement => ({
  identity: registrationIdentity(item.id),
  kind: 'ENTITY',
  subtype: 'RECORD',
  organizationId: item.organizationId,
  isPublic: false,
  readers: item.readers,
  revision: 1,
  name: `${item.pid}/record`,
  facts: {},
});

/** What the registration says of the dataset, said of its record. */
export const saidOfRecord = (
  edges: readonly LodgedEdge[],
  itemId: string,
  recordId: string,
): LodgedEdge[] => [
  ...edges.map((edge) => (edge.from === itemId ? { ...edge, from: recordId } : edge)),
  { from: recordId, relation: 'SPECIALIZATION_OF', to: itemId, role: '' },
];

/** And back, when no run generates the dataset any more. */
export const saidOfDataset = (edges: readonly LodgedEdge[], itemId: string, recordId: string): LodgedEdge[] =>
  edges
    .filter(({ from, relation }) => from !== recordId || relation !== 'SPECIALIZATION_OF')
    .map((edge) => (edge.from === recordId ? { ...edge, from: itemId } : edge));

/** Whether these statements say how the dataset, or its record, was generated. */
export const generates = ({ edges }: Assertions, id: string): boolean =>
  edges.some(({ from, relation }) => from === id && relation === 'WAS_GENERATED_BY');

export const asserting = (edges: readonly LodgedEdge[]): Assertions => ({ edges, nodes: endsOf(edges) });
