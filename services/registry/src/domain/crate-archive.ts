// The archive of a run with its files, as somebody asked for it.
import type { WorkflowState } from './activity-workflow.js';

export const CRATE_OPERATION = 'EXPORT_RO_CRATE';

export const CRATE_LIMITS = {
  /** Beside metadata and preview. */
  files: 1_000,
  /** Of all files together, before they are packed. */
  bytes: 200 * 1024 * 1024,
  /** Archives of one user that are on their way. */
  underWay: 5,
  licence: 500,
} as const;

/** It belongs to the organization of the run, and tells what every member of that may read. */
export interface RequestedArchive {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
  /** Of a job, or else of a workflow. */
  readonly runJobId: string | null;
  readonly workflowId: string | null;
  readonly licence: string | null;
  /** The job of the registry that has the last word. */
  readonly jobId: string;
  readonly state: WorkflowState;
  readonly requestedAt: Date;
  readonly artifactId: string | null;
  /** Files that lie in it, and that belong to it and are not there; null until it is made. */
  readonly fileCount: number | null;
  readonly missingCount: number | null;
  /** Code of the error that ended it. */
  readonly errorCode: string | null;
}

const LONGEST_NAME = 100;

/** In letters that no file system minds, and no two places of one name, however a system takes upper and lower case. */
export function pathFor(
  folder: string,
  name: string,
  taken: Set<string>,
): { readonly path: string; readonly originalName?: string } {
  const plain = name.normalize('NFC').replaceAll(/[^\p{L}\p{N}._ -]+/gu, '_').replace(/^[. ]+/, '').replace(/[. ]+$/, ''); // prettier-ignore
  const dot = plain.lastIndexOf('.');
  const [stem, ending] =
    dot > 0 && plain.length - dot <= 12 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
  const short = stem.slice(0, LONGEST_NAME - ending.length).toWellFormed() || 'file';
  let path = `${folder}/${short}${ending}`;
  for (let count = 2; taken.has(path.toLowerCase()); count += 1)
    path = `${folder}/${short}-${count}${ending}`;
  taken.add(path.toLowerCase());
  return { path, ...(path === `${folder}/${name}` ? {} : { originalName: name }) };
}

/** How the archive is called. */
export function archiveName(runName: string): string {
  const words = runName.normalize('NFKD').replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, LONGEST_NAME); // prettier-ignore
  const stem = words.replaceAll(/^-+|-+$/g, '');
  return `${stem === '' ? 'run' : stem}.crate.zip`;
}
