import type { LogPageReply, LogPageRequest } from '@weft/contracts';
import type { Reads } from './ports.js';

/** Lines looked at for a page. */
const LINES = 500;
/** What a page has at least one line less of: it fits into a message. */
const PAGE_BYTES = 128 * 1024;

/** A piece of the log of a job, as every member of its organization may read it. A job of others has no lines. */
export async function readLogPage(
  reads: Pick<Reads, 'logLines'>,
  organizationId: string,
  { of, after }: LogPageRequest,
): Promise<LogPageReply> {
  const lines = await reads.logLines([organizationId], of, { limit: LINES, after });
  let text = '';
  let next = after;
  for (const { at, stream, text: said, position } of lines) {
    const line = `${at.toISOString()} ${stream} ${said}\n`;
    if (text !== '' && Buffer.byteLength(text) + Buffer.byteLength(line) > PAGE_BYTES)
      return { code: 'OK', text, next };
    text += line;
    next = position;
  }
  return { code: 'OK', text, next: lines.length < LINES ? null : next };
}
