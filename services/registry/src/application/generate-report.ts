// The operation of a report's job. It may run any number of times: what is there already is answered.
import { AppError } from '@weft/errors';
import { reportFile, type ReportFormat } from '../domain/report.js';
import { reportOf } from '../domain/report-content.js';
import { collectReport } from './collect-report.js';
import type { Operation } from './operations.js';
import type { ReportFiles, ReportPorts } from './report-ports.js';

export const generateReport =
  (ports: ReportPorts): Operation =>
  async (params, { jobId, progress, store }): Promise<ReportFiles> => {
    const { reportId } = (params ?? {}) as { readonly reportId?: unknown };
    if (typeof reportId !== 'string')
      throw new AppError('BAD_USER_INPUT', 'The params of the job name no report.');
    const begun = await ports.transact((tx) => tx.begin(reportId, jobId));
    if (begun === undefined)
      throw new AppError('NOT_FOUND', 'The registry knows no such report.', { reportId });
    const { state, formats, userId, htmlArtifactId, docxArtifactId } = begun;
    if (state === 'SUCCEEDED') return { htmlArtifactId, docxArtifactId };
    const collected = await collectReport(ports, begun);
    progress(0.5, 'everything is collected');
    const report = reportOf(collected);
    const stored = async (format: ReportFormat): Promise<string | null> => {
      if (!formats.includes(format)) return null;
      const bytes = await ports.write(report, format, userId);
      return store({ ...reportFile(report.subject.name, format), kind: 'REPORT', bytes });
    };
    const files = { htmlArtifactId: await stored('HTML'), docxArtifactId: await stored('DOCX') };
    return ports.transact((tx) => tx.finish(reportId, files));
  };
