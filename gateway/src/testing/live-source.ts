/**
 * What a resumable live field stands on: a growing list of events, and iterators that begin anywhere in it.
 * Written by hand, as in a real subgraph: a generator could not be closed while it waits.
 */
export class LiveSource<E> {
  readonly events: E[] = [];
  readonly #wakers = new Set<() => void>();
  #ended = false;
  /** Iterators that are open now. */
  open = 0;

  push(...events: E[]): void {
    this.events.push(...events);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  follow<T>(
    after: number,
    toPayload: (events: readonly E[], seq: number) => T,
    batched = false,
  ): AsyncIterableIterator<T> {
    let position = after;
    let closed = false;
    let first = true;
    this.open += 1;
    const close = (): void => {
      if (closed) return;
      closed = true;
      this.open -= 1;
      this.#wake();
    };
    const iterator: AsyncIterableIterator<T> = {
      [Symbol.asyncIterator]: () => iterator,
      next: async () => {
        for (;;) {
          if (closed) return { done: true, value: undefined };
          if (position < this.events.length || first) {
            const until = first || batched ? this.events.length : position + 1;
            const events = this.events.slice(position, until);
            first = false;
            position = Math.max(position, until);
            return { done: false, value: toPayload(events, position) };
          }
          if (this.#ended) {
            close();
            return { done: true, value: undefined };
          }
          await new Promise<void>((resolve) => this.#wakers.add(resolve));
        }
      },
      return: async () => {
        close();
        return { done: true, value: undefined };
      },
    };
    return iterator;
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}
