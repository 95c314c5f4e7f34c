// Provenance that comes in and goes out, by name.
import type { Outcome } from '@weft/errors';
import type { Notation } from '../domain/prov-document.js';
import { exportProvenance, exportShown, recordLineage, validityReport } from './export-provenance.js';
import type { ExportPorts, Reader } from './export-provenance.js';
import { runCrate, runEvents } from './export-run.js';
import type { ImportPorts } from './import-ports.js';
import { importProvenance } from './import-provenance.js';
import type { DocumentDesk } from './ports.js';
import type { ProvenanceRecord, RecordReader } from './record-reader.js';
import { withdrawRecord } from './withdraw-record.js';

export type Exchange = ReturnType<typeof createExchange>;

export interface ExchangePorts {
  readonly imports: ImportPorts;
  readonly exports: Omit<ExportPorts, 'desk'>;
  readonly records: RecordReader;
}

export const createExchange = ({ imports, exports, records }: ExchangePorts, desk: DocumentDesk) => {
  const ports: ExportPorts = { ...exports, desk };
  return {
    importProvenance: importProvenance(imports, desk),
    withdrawRecord: withdrawRecord(imports),
    exportProvenance: exportProvenance(ports),
    exportShown: exportShown(ports),
    validityReport: validityReport(ports),
    runEvents: runEvents(ports),
    runCrate: runCrate(ports),
    /** What was given, of an import; of all else what the record says to this reader. */
    async recordDocument(
      { userId, viewer }: Reader,
      { id }: ProvenanceRecord,
      notation: Notation,
    ): Promise<Outcome<string>> {
      const given = await records.document(viewer, id);
      return given === undefined
        ? desk.write(userId, await recordLineage(ports, viewer, id), notation)
        : desk.rewrite(userId, given, notation);
    },
  };
};
