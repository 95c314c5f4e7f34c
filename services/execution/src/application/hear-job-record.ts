import type { JobRecordChanged } from '@weft/contracts';
import type { BlobStore } from './ports.js';

export interface KnownRecord {
  /** Nobody's when the job is gone. */
  readonly organizationId: string | null;
  readonly seq: number;
  /** Of the change of the record that was done here last. */
  readonly revision: number;
}

export interface RecordNews {
  known(jobId: string): Promise<KnownRecord | undefined>;
  /** Of the job's artifacts in the organization. */
  storedContents(jobId: string, organizationId: string): Promise<{ sha256: string }[]>;
  give(jobId: string, organizationId: string, revision: number): Promise<void>;
  /** Logs, attempts and artifacts; the job's own row stays, nobody's, so that late news cannot bring it back. */
  remove(jobId: string, revision: number): Promise<void>;
  /** Those of the contents that no artifact of the organization has. */
  unused(organizationId: string, sha256s: readonly string[]): Promise<string[]>;
}

/** Gives what a final job left here to its new owner, or removes it. May be repeated; waits for the job's last news, and for the change before. */
export async function hearJobRecord(
  { records, blobs }: { records: RecordNews; blobs: BlobStore },
  { jobId, revision, change, organizationId, previousOrganizationId, jobSeq }: JobRecordChanged,
): Promise<void> {
  const known = await records.known(jobId);
  if (known === undefined || known.seq < jobSeq)
    throw new Error(`job ${jobId} is not known to have ended yet`);
  if (known.revision > revision) return;
  // The owner before has not got it yet, and with it the bytes that are to be passed on or forgotten.
  if (![null, previousOrganizationId, organizationId].includes(known.organizationId))
    throw new Error(`job ${jobId} is not known to belong to ${previousOrganizationId} yet`);
  const contents = (await records.storedContents(jobId, previousOrganizationId)).map((one) => one.sha256);
  if (change === 'TRANSFERRED') {
    const share = async (): Promise<void> => {
      for (const sha256 of contents) await blobs.share(previousOrganizationId, organizationId, sha256);
    };
    // Twice: until a row there refers to them, the bytes may be forgotten there together with another's.
    await share();
    await records.give(jobId, organizationId, revision);
    await share();
  } else {
    await records.remove(jobId, revision);
  }
  for (const sha256 of await records.unused(previousOrganizationId, contents))
    await blobs.forget(previousOrganizationId, sha256);
}
