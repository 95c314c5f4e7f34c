// What one record states, as a document: written, and judged. An import has the text that was given; of all else the graph tells.
import { accepted, outcomeOf, refused, userError, type Outcome } from '@weft/errors';
import type { Checked, Notation, ViolationPage } from '../domain/prov-document.js';
import { recordLineage, type ExportPorts, type Reader, type ValidityReport } from './export-provenance.js';
import type { DocumentDesk } from './ports.js';
import type { ProvenanceRecord, RecordReader } from './record-reader.js';

export interface RecordDocumentPorts extends Pick<ExportPorts, 'graph' | 'pidBase'> {
  readonly records: Pick<RecordReader, 'document'>;
  readonly desk: Pick<DocumentDesk, 'write' | 'rewrite' | 'judge' | 'judgeGiven'>;
}

/** What was given, of an import; of all else what the record says to this reader. */
export const recordDocument =
  (ports: RecordDocumentPorts) =>
  async (
    { userId, viewer }: Reader,
    { id }: ProvenanceRecord,
    notation: Notation,
  ): Promise<Outcome<string>> => {
    const given = await ports.records.document(viewer, id);
    if (given !== undefined) return ports.desk.rewrite(userId, given, notation);
    return ports.desk.write(userId, (await recordLineage(ports, viewer, id)).document, notation);
  };

/**
 * What in this very document contradicts PROV-CONSTRAINTS. The graph cannot tell that of an import: it keeps one generation and
 * one time of a thing, and makes two things of what has two kinds, so that just what contradicts itself is not there.
 */
export const recordReport =
  (ports: RecordDocumentPorts) =>
  (
    { userId, viewer }: Reader,
    { id }: ProvenanceRecord,
    page: ViolationPage,
  ): Promise<Outcome<ValidityReport>> =>
    outcomeOf(async () => {
      const given = await ports.records.document(viewer, id);
      if (given !== undefined)
        return { ...verdict(await ports.desk.judgeGiven(userId, given, page)), page, truncated: false };
      const { document, truncated } = await recordLineage(ports, viewer, id);
      return { ...verdict(await ports.desk.judge(userId, document, page)), page, truncated };
    });

const verdict = (judged: Outcome<Checked>): Checked =>
  accepted(
    judged.ok
      ? judged
      : refused(
          ...judged.errors.map(({ code, message }) =>
            userError(code, code === 'PROV_TOO_EXPENSIVE' ? TOO_EXPENSIVE : message, 'id'),
          ),
        ),
  );

const TOO_EXPENSIVE = 'Judging this record takes too long; ask for the records of its bundles.';
