import type { RequestContext } from '@weft/subgraph';
import type { Exchange } from '../application/exchange.js';
import type { DataPoolCases } from '../application/data-pool-cases.js';
import type { ItemCases } from '../application/item-cases.js';
import type { ModelRunCases } from '../application/model-run-cases.js';
import type { DocumentDesk, ItemBell } from '../application/ports.js';
import type { RequestCrate } from '../application/request-crate.js';
import type { RequestReport } from '../application/request-report.js';
import type { CrateReads } from './crate-reads.js';
import type { DataPoolReads } from './data-pool-reads.js';
import type { ItemReads } from './item-reads.js';
import type { ModelRunReads } from './model-run-reads.js';
import type { Provenance } from './provenance.js';
import type { RecordReads } from './record-reads.js';
import type { ReportReads } from './report-reads.js';
import type { SavedResultReads } from './saved-result-reads.js';

/** What every resolver of the registry gets. */
export interface RegistryContext extends RequestContext {
  /** Provenance as the request's actor may see it. */
  readonly provenance: Provenance;
  /** What the items that were read have because they are registered. */
  readonly items: ItemReads;
  /** What can be done with items. */
  readonly itemCases: ItemCases;
  readonly dataPools: DataPoolReads;
  readonly dataPoolCases: DataPoolCases;
  /** Results of jobs on their way into data pools. */
  readonly savedResults: SavedResultReads;
  /** Runs of models, and what can be done with them. */
  readonly modelRuns: ModelRunReads;
  readonly modelRunCases: ModelRunCases;
  readonly itemBell: ItemBell;
  readonly records: RecordReads;
  /** Provenance that comes in and goes out as documents. */
  readonly exchange: Exchange;
  /** The reports that the request's actor asked for. */
  readonly reports: ReportReads;
  readonly requestReport: RequestReport;
  /** Archives of runs that the request's actor may read. */
  readonly crates: CrateReads;
  readonly requestCrate: RequestCrate;
  /** For PROV documents that are given. */
  readonly documents: DocumentDesk;
}
