import type { JobRecordChanged } from '@weft/contracts';
import type { BlobStore } from './ports.js';

export interface RecordNews {
  organizationOf(jobId: string): Promise<{ organizationId: string; seq: number } | undefined>;
  /** Of the job's artifacts in the organization. */
  storedContents(jobId: string, organizationId: string): Promise<{ sha256: string }[]>;
  give(jobId: string, organizationId: string): Promise<void>;
  /** Logs, attempts and artifacts; the job's own row stays, nobody's, so that late news cannot bring it back. */
  remove(jobId: string): Promise<void>;
  /** Those of the contents that no artifact of the organization has. */
  unused(organizationId: string, sha256s: readonly string[]): Promise<string[]>;
}

/** Gives what a final job left here to its new owner, or removes it. May be repeated; waits for the job's last news. */
export async function hearJobRecord(
  { records, blobs }: { records: RecordNews; blobs: BlobStore },
  { jobId, change, organizationId, previousOrganizationId, jobSeq }: JobRecordChanged,
): Promise<void> {
  const known = await records.organizationOf(jobId);
  if (known === undefined || known.seq < jobSeq)
    throw new Error(`job ${jobId} is not known to have ended yet`);
  const contents = (await records.storedContents(jobId, previousOrganizationId)).map((one) => one.sha256);
  if (change === 'TRANSFERRED') {
    const share = async (): Promise<void> => {
      for (const sha256 of contents) await blobs.share(previousOrganizationId, organizationId, sha256);
    };
    // Twice: until a row there refers to them, the bytes may be forgotten there together with another's.
    await share();
    await records.give(jobId, organizationId);
    await share();
  } else {
    await records.remove(jobId);
  }
  for (const sha256 of await records.unused(previousOrganizationId, contents))
    await blobs.forget(previousOrganizationId, sha256);
}
