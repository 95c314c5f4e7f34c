import { z } from 'zod';

/** Longer than what is told: it is cut once its secrets are masked. */
const MAX_PROGRESS_MESSAGE = 1_000;

/** The lines that a harness writes on fd 3. They come from the side of user code: checked, bounded, never trusted. */
const frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({
    type: z.literal('progress'),
    fraction: z.number().min(0).max(1).nullable(),
    message: z.string().max(MAX_PROGRESS_MESSAGE).nullable(),
  }),
  z.object({ type: z.literal('result'), text: z.string(), cpuMs: z.number().nonnegative() }),
  z.object({ type: z.literal('too-large'), size: z.number() }),
  z.object({
    type: z.literal('error'),
    stage: z.enum(['load', 'run', 'result', 'prepare', 'result-file']),
    message: z.string(),
    errno: z.string().nullable(),
    syscall: z.string().nullable(),
    outOfMemory: z.boolean().optional(),
    freeDiskBytes: z.number(),
  }),
  z.object({
    type: z.literal('exit'),
    what: z.enum(['start script', 'command']),
    /** As a shell tells it: 128 + n for a signal. */
    code: z.number().int(),
    freeDiskBytes: z.number(),
  }),
]);

export type Frame = z.infer<typeof frame>;
export type ErrorFrame = Extract<Frame, { type: 'error' }>;
export type ExitFrame = Extract<Frame, { type: 'exit' }>;

const FRAME_OVERHEAD_BYTES = 64 * 1024;

/** The JSON text of a result is itself a JSON string on the wire: quoting makes it at most three times as long. */
const QUOTING_FACTOR = 3;

export interface FrameReader {
  push(chunk: Buffer): void;
}

/** Cuts fd 3 into frames. Anything that is not a frame, or too long for one, is reported once as `garbage`. */
export function createFrameReader(
  resultBytes: number,
  on: { frame(frame: Frame): void; garbage(): void },
): FrameReader {
  const limit = resultBytes * QUOTING_FACTOR + FRAME_OVERHEAD_BYTES;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let broken = false;

  const fail = (): void => {
    if (broken) return;
    broken = true;
    pending = [];
    on.garbage();
  };

  const take = (line: string): void => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return fail();
    }
    const parsed = frame.safeParse(value);
    if (parsed.success) on.frame(parsed.data);
    else fail();
  };

  return {
    push(chunk) {
      let rest = chunk;
      while (!broken && rest.length > 0) {
        const end = rest.indexOf(10);
        const part = end === -1 ? rest : rest.subarray(0, end);
        pendingBytes += part.length;
        if (pendingBytes > limit) return fail();
        pending.push(part);
        if (end === -1) return;
        const line = Buffer.concat(pending).toString('utf8');
        pending = [];
        pendingBytes = 0;
        rest = rest.subarray(end + 1);
        if (line !== '') take(line);
      }
    },
  };
}
