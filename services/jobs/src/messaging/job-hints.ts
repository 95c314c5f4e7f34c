// What an event about a job says to a live list, read from the outbox rows of this replica and from the messages of all.
import { jobChanged, jobRecordChanged, jobRecordUpdated } from '@weft/contracts';
import type { Messaging, Msg, Subscription } from '@weft/messaging';

/** News of a job: how new, in one of two counts, and where. */
export interface JobHint {
  readonly jobId: string;
  /** 0 in news of the record. */
  readonly seq: number;
  /** 0 in news of the lifecycle. */
  readonly revision: number;
  organizationIds(): readonly string[];
}

const RECORD_EVENTS = [jobRecordChanged, jobRecordUpdated] as const;

interface Told {
  readonly organizationId: string;
  readonly previousOrganizationId?: string;
}

/** Undefined for what is not about a job. The body is read only by those who ask for the organizations. */
export function hintOf(id: string, body: () => string): JobHint | undefined {
  const [type, jobId, version] = id.split(':');
  const number = Number(version);
  if (jobId === undefined || !Number.isInteger(number)) return undefined;
  const ofRecord = RECORD_EVENTS.some((event) => event.type === type);
  if (!ofRecord && type !== jobChanged.type) return undefined;
  return {
    jobId,
    seq: ofRecord ? 0 : number,
    revision: ofRecord ? number : 0,
    organizationIds() {
      const { payload } = JSON.parse(body()) as { readonly payload: Told };
      const { organizationId, previousOrganizationId = organizationId } = payload;
      return [...new Set([organizationId, previousOrganizationId])];
    },
  };
}

/** A message of the stream, heard as it passes by. */
export const hintOfMessage = (message: Msg): JobHint | undefined =>
  hintOf(message.headers?.get('Nats-Msg-Id') ?? '', () => message.string());

/** Hears what replicas say of records of jobs; `job-changed` comes through the feed of single jobs. */
export const listenForRecords = ({ connection }: Messaging, heard: (message: Msg) => void): Subscription[] =>
  RECORD_EVENTS.map((event) =>
    connection.subscribe(event.filter(), {
      callback: (error, message) => {
        if (error === null) heard(message);
      },
    }),
  );
