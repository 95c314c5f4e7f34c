/**
 * The iterator behind a live field. Hand-written, because an async generator's `return()` waits for the next event
 * and so leaks the subscription of a client that left. Pull-based: `take` is asked only when the consumer wants
 * more, so a slow consumer gets fewer, larger payloads instead of a growing buffer.
 */
export class LiveIterator<T> implements AsyncIterableIterator<T, undefined> {
  #wanted: (() => void) | undefined;
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
    try {
      while (!this.#ended) {
        this.#news = false;
        const taken = await this.take();
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

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.release();
    this.#wanted?.();
  }
}
