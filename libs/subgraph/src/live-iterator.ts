import { AppError } from '@weft/errors';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * The iterator behind a live field. Hand-written, because an async generator's `return()` waits for the next event
 * and so leaks the subscription of a client that left. Pull-based: `take` is asked only when the consumer wants
 * more, so a slow consumer gets fewer, larger payloads instead of a growing buffer.
 */
export class LiveIterator<T> implements AsyncIterableIterator<T, undefined> {
  #wanted: (() => void) | undefined;
  #leaving: (() => void) | undefined;
  #news = true;
  #ended = false;

  /**
   * @param take gives the next payload, `undefined` when there is none yet, or `{ done: true }` at the end.
   * @param release is called once, when the consumer leaves or the end is reached.
   */
  constructor(
    private readonly take: () => Promise<IteratorResult<T, undefined> | undefined>,
    private readonly release: () => void,
  ) {}

  /** There may be something to take. */
  wake(): void {
    this.#news = true;
    this.#wanted?.();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    let failures = 0;
    try {
      while (!this.#ended) {
        this.#news = false;
        let taken: IteratorResult<T, undefined> | undefined;
        try {
          taken = await this.take();
          failures = 0;
        } catch (error) {
          // What was decided (an AppError) ends the field; an outage behind it only delays it.
          if (error instanceof AppError || this.#ended) throw error;
          await this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS));
          continue;
        }
        if (this.#ended) break;
        if (taken !== undefined) {
          if (taken.done === true) this.#end();
          return taken;
        }
        if (!this.#news) {
          await new Promise<void>((resolve) => {
            this.#wanted = resolve;
          });
          this.#wanted = undefined;
        }
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.#end();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Until the time has passed or the consumer has left. */
  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#leaving = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#leaving = undefined;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.release();
    this.#wanted?.();
    this.#leaving?.();
  }
}
