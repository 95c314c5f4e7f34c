import { Outbox1700000000000, ToldStream1700000000010 } from '@weft/outbox';
import { Provenance1700000001000 } from './0001-provenance.js';
import { Items1700000002000 } from './0002-items.js';
import { PidPublications1700000003000 } from './0003-pid-publications.js';
import { ModelRuns1700000005000 } from './0005-model-runs.js';
import { DataPools1700000006000 } from './0006-data-pools.js';
import { Imports1700000007000 } from './0007-imports.js';
import { Reports1700000008000 } from './0008-reports.js';
import { AutomaticProvenance1700000009000 } from './0009-automatic-provenance.js';
import { SavedResults1700000010000 } from './0010-saved-results.js';
import { ItemReferences1700000011000 } from './0011-item-references.js';
import { ItemWords1700000012000 } from './0012-item-words.js';
import { RightsThatFollow1700000013000 } from './0013-rights-that-follow.js';
import { KeysAndTraces1700000014000 } from './0014-keys-and-traces.js';
import { CompleteLineage1700000015000 } from './0015-complete-lineage.js';
import { OwnersOfRuns1700000016000 } from './0016-owners-of-runs.js';
import { RoCrateArchives1700000017000 } from './0017-ro-crate-archives.js';
import { DatasetData1700000018000 } from './0018-dataset-data.js';
import { PeopleOnce1700000019000 } from './0019-people-once.js';
import { WithdrawnImports1700000020000 } from './0020-withdrawn-imports.js';
import { OrdersAndEnds1700000021000 } from './0021-orders-and-ends.js';
import { FilesAndTheirHolders1700000022000 } from './0022-files-and-their-holders.js';

/** In order of their running. */
export const migrations = [
  Outbox1700000000000,
  ToldStream1700000000010,
  Provenance1700000001000,
  Items1700000002000,
  PidPublications1700000003000,
  ModelRuns1700000005000,
  DataPools1700000006000,
  Imports1700000007000,
  Reports1700000008000,
  AutomaticProvenance1700000009000,
  SavedResults1700000010000,
  ItemReferences1700000011000,
  ItemWords1700000012000,
  RightsThatFollow1700000013000,
  KeysAndTraces1700000014000,
  CompleteLineage1700000015000,
  OwnersOfRuns1700000016000,
  RoCrateArchives1700000017000,
  DatasetData1700000018000,
  PeopleOnce1700000019000,
  WithdrawnImports1700000020000,
  OrdersAndEnds1700000021000,
  FilesAndTheirHolders1700000022000,
];
