import { graphqlEnum } from '@weft/subgraph';
import type { ReleaseAction, ReleaseState } from '../domain/data-pool.js';

export const DataPoolReleaseEnum = graphqlEnum<ReleaseState>(
  'DataPoolReleaseState',
  'Whether others may rely on a data pool.',
  {
    NOT_RELEASED: 'Nobody has asked, or it was rejected: its files may change.',
    PENDING: 'Somebody asked and the reviewer has not decided: its files stay as they are until then.',
    RELEASED: 'It was approved: its files stay as they are.',
  },
);

export const DataPoolReleaseActionEnum = graphqlEnum<ReleaseAction>(
  'DataPoolReleaseAction',
  'What was said about the release of a data pool.',
  {
    REQUEST: 'Somebody asked for it.',
    APPROVE: 'It was released.',
    REJECT: 'It was not, or who asked took it back.',
  },
);
