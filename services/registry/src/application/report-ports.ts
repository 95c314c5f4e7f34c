import type { WorkflowState } from '../domain/activity-workflow.js';
import type { ReportFormat, RequestedReport } from '../domain/report.js';
import type { Report } from '../domain/report-content.js';
import type { ItemRequestKey } from './item-ports.js';
import type { ItemReader } from './item-reader.js';
import type { LineageStore } from './lineage-ports.js';
import type { Viewer } from './ports.js';

export interface ReportSubject {
  readonly key: number;
  readonly id: string;
  readonly name: string;
  readonly subtype: string;
}

export type NewReport = Pick<
  RequestedReport,
  'id' | 'userId' | 'organizationId' | 'depth' | 'formats' | 'jobId'
> & {
  readonly subject: ReportSubject;
  readonly viewer: Viewer;
  readonly key: ItemRequestKey | undefined;
};

/** A report as its job finds it, with the rights of the user who asked. */
export interface BegunReport extends RequestedReport {
  readonly viewer: Viewer;
  /** The time of the database, which is the platform's clock. */
  readonly now: Date;
}

export type ReportFiles = Pick<RequestedReport, 'htmlArtifactId' | 'docxArtifactId'>;

/** A job that gave nothing, or will not. */
export interface UnsuccessfulJob {
  readonly jobId: string;
  readonly retryOf: string | null;
  readonly state: Exclude<WorkflowState, 'PENDING' | 'IN_PROGRESS' | 'SUCCEEDED'>;
  /** Of what ended it. */
  readonly errorCode: string | null;
}

/** The reports of one open transaction. */
export interface ReportWork {
  /** A registered item by id or pid, as far as one of these principals may read it. */
  subject(reference: string, principals: readonly string[]): Promise<ReportSubject | undefined>;
  /** What was asked for under this key; requests under the same one come one after the other. */
  requested(
    key: ItemRequestKey,
  ): Promise<{ readonly reportId: string; readonly inputHash: string } | undefined>;
  countUnderWay(userId: string): Promise<number>;
  /** With the news that asks for its job, in the outbox of this transaction. */
  request(report: NewReport, correlationId: string): Promise<void>;
  /** It is the job's from now on, unless it is there already. */
  begin(reportId: string, jobId: string): Promise<BegunReport | undefined>;
  /** The files that count: those that were there first. */
  finish(reportId: string, files: ReportFiles): Promise<ReportFiles>;
  /** What has its files stays so, whatever becomes of its job afterwards. */
  ended(jobs: readonly UnsuccessfulJob[]): Promise<void>;
}

export interface ReportPage {
  readonly first: number;
  readonly after: { readonly at: string; readonly id: string } | undefined;
}

/** Reports as their users see them: who may not read the item any more sees none of it. */
export interface ReportReader {
  report(viewer: Viewer, userId: string, id: string): Promise<RequestedReport | undefined>;
  /** Of each item with these keys, the last first; one more than asked when there are more. */
  reportsOf(
    viewer: Viewer,
    userId: string,
    keys: readonly number[],
    page: ReportPage,
  ): Promise<Map<number, RequestedReport[]>>;
}

/** Writes a report down in a format. `lane`: on whose account, so that nobody holds up others. */
export type WriteReport = (
  report: Report,
  format: ReportFormat,
  lane: string,
) => Promise<Uint8Array<ArrayBuffer>>;

export interface ReportPorts {
  readonly transact: <T>(work: (tx: ReportWork) => Promise<T>) => Promise<T>;
  readonly newId: () => string;
  readonly sha256: (text: string) => string;
  readonly lineage: LineageStore;
  readonly items: Pick<ItemReader, 'records' | 'idsOf' | 'personOf'>;
  /** What stands before a pid where it is an IRI. */
  readonly pidBase: string;
  readonly write: WriteReport;
}
