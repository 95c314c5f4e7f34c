// Provenance that comes in and goes out, by name.
import { exportProvenance, exportShown, lineageReport, type ExportPorts } from './export-provenance.js';
import { runCrate, runEvents } from './export-run.js';
import type { ImportPorts } from './import-ports.js';
import { importProvenance } from './import-provenance.js';
import type { DocumentDesk } from './ports.js';
import { recordDocument, recordReport } from './record-document.js';
import type { RecordReader } from './record-reader.js';
import { withdrawRecord } from './withdraw-record.js';

export type Exchange = ReturnType<typeof createExchange>;

export interface ExchangePorts {
  readonly imports: ImportPorts;
  readonly exports: Omit<ExportPorts, 'desk'>;
  readonly records: RecordReader;
}

export const createExchange = ({ imports, exports, records }: ExchangePorts, desk: DocumentDesk) => {
  const ports: ExportPorts = { ...exports, desk };
  const ofRecord = { ...exports, records, desk };
  return {
    importProvenance: importProvenance(imports, desk),
    withdrawRecord: withdrawRecord(imports),
    exportProvenance: exportProvenance(ports),
    exportShown: exportShown(ports),
    lineageReport: lineageReport(ports),
    recordReport: recordReport(ofRecord),
    runEvents: runEvents(ports),
    runCrate: runCrate(ports),
    recordDocument: recordDocument(ofRecord),
  };
};
