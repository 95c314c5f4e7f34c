import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { attemptReport, type AttemptReport } from '@weft/contracts';

/** Reports on disk, one a line: a report costs one write, and those that are answered are cleared away together. */
export interface ReportJournal {
  /** What an earlier run left. Some of it may have been answered: telling it again changes nothing. */
  readonly leftovers: readonly JournalEntry[];
  /** On disk when it returns; throws when it cannot be kept. */
  keep(report: AttemptReport): JournalEntry;
  /** It was answered. */
  forget(entry: JournalEntry): void;
  /** Clears away what is answered and lets go of the file. What is kept later is still kept, for the next run. */
  close(): void;
}

export interface JournalEntry {
  readonly report: AttemptReport;
  readonly line: string;
  readonly bytes: number;
}

/** How long answered reports may lie there when all are answered. */
const CLEAR_MS = 1_000;
/** A journal of which most is answered is written anew from this size on. */
const MOST_BYTES = 4 * 1_024 * 1_024;

export function openReportJournal(folder: string): ReportJournal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'reports.jsonl');
  const leftovers = readEntries(path);
  const open = new Set<JournalEntry>(leftovers);
  let clearing: NodeJS.Timeout | undefined;
  let file: number | undefined;
  let size = 0;
  const opened = (): number => (file ??= openSync(path, 'a', 0o600));
  const letGo = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };

  const rewrite = (): void => {
    const text = [...open].map((entry) => entry.line).join('');
    // Complete or not there: a crash leaves the old journal or the new one.
    writeFileSync(`${path}.draft`, text, { mode: 0o600 });
    renameSync(`${path}.draft`, path);
    size = Buffer.byteLength(text);
    letGo();
  };
  rewrite();

  const clear = (): void => {
    clearTimeout(clearing);
    clearing = undefined;
    if (open.size > 0 || size === 0) return;
    ftruncateSync(opened(), 0);
    size = 0;
  };

  return {
    leftovers,
    keep(report) {
      const line = `${JSON.stringify(report)}\n`;
      const bytes = Buffer.from(line);
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(opened(), bytes, written);
      } catch (error) {
        // A full disk must not leave half a line behind, which would spoil the next one.
        ftruncateSync(opened(), size);
        throw error;
      }
      size += bytes.length;
      const entry = { report, line, bytes: bytes.length };
      open.add(entry);
      return entry;
    },
    forget(entry) {
      open.delete(entry);
      if (open.size === 0) clearing ??= setTimeout(clear, CLEAR_MS).unref();
      else if (size > MOST_BYTES && size > 2 * [...open].reduce((sum, one) => sum + one.bytes, 0)) rewrite();
    },
    close() {
      clear();
      letGo();
    },
  };
}

/** For a worker whose attempts may as well be tried again: what is not answered goes with the process. */
export const keptNowhere: ReportJournal = {
  leftovers: [],
  keep(report) {
    const line = `${JSON.stringify(report)}\n`;
    return { report, line, bytes: Buffer.byteLength(line) };
  },
  forget: () => undefined,
  close: () => undefined,
};

/** A line that a crash left half-written, the last one, is none. */
function readEntries(path: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const parsed = attemptReport.safeParse(safeJson(line));
    if (!parsed.success) return [];
    return [{ report: parsed.data, line: `${line}\n`, bytes: Buffer.byteLength(line) + 1 }];
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
