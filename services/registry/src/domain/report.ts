import type { WorkflowState } from './activity-workflow.js';

export const REPORT_FORMATS = ['HTML', 'DOCX'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What reports can be made of. */
export const REPORT_SUBTYPES = ['STUDY', 'MODEL_RUN'] as const;

export const REPORT_OPERATION = 'GENERATE_REPORT';

export const REPORT_LIMITS = {
  /** Steps upstream. */
  depth: 3,
  /** Rows of each of the four tables: 2 000 together. */
  rows: 500,
  /** Reports of one user that are on their way. */
  underWay: 20,
  /** What a user is, where rights are looked at; who is more is a member of too many organizations. */
  principals: 4_000,
} as const;

/** A report that somebody asked for. It is his alone: it tells what he could read when he asked. */
export interface RequestedReport {
  readonly id: string;
  readonly userId: string;
  /** The user's own organization: nobody else sees the job or the files. */
  readonly organizationId: string;
  readonly itemId: string;
  readonly depth: number;
  readonly formats: readonly ReportFormat[];
  /** The job that has the last word. */
  readonly jobId: string;
  readonly state: WorkflowState;
  readonly requestedAt: Date;
  readonly htmlArtifactId: string | null;
  readonly docxArtifactId: string | null;
  /** Code of the error that ended it. */
  readonly errorCode: string | null;
}

const MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = {
  HTML: 'text/html',
  DOCX: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

const LONGEST_FILE_NAME = 80;

/** How the file of a report is called; in letters that no file system minds. */
export function reportFile(itemName: string, format: ReportFormat): { name: string; mediaType: string } {
  const words = itemName.normalize('NFKD').replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, LONGEST_FILE_NAME); // prettier-ignore
  const stem = words.replaceAll(/^-+|-+$/g, '');
  return {
    name: `report${stem === '' ? '' : `-${stem}`}.${format.toLowerCase()}`,
    mediaType: MEDIA_TYPES[format],
  };
}
