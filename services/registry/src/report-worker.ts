// A thread of report-desk.ts: writes reports down.
import { parentPort } from 'node:worker_threads';
import { writeDocx, writeHtml, type Report } from '@weft/report';
import type { ReportFormat } from './domain/report.js';

export interface ReportQuestion {
  readonly report: Report;
  readonly format: ReportFormat;
}

parentPort?.on('message', ({ report, format }: ReportQuestion) => {
  void Promise.resolve(format === 'HTML' ? Buffer.from(writeHtml(report)) : writeDocx(report)).then((bytes) =>
    parentPort?.postMessage(new Uint8Array(bytes)),
  );
});
parentPort?.postMessage('ready');
