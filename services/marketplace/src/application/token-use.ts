import type { TokenLookup } from './ports.js';

/**
 * Remembers which tokens were used and records it in batches, so that no request waits for it. Only tokens whose
 * recorded use is old are noted, so a busy token costs one write a minute and the batch is as large as the traffic of one tick.
 */
export class TokenUse {
  #used = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly lookup: Pick<TokenLookup, 'touch'>,
    private readonly onFailure: (error: unknown) => void,
    private readonly delayMs = 2_000,
  ) {}

  note(tokenIds: readonly string[]): void {
    for (const id of tokenIds) this.#used.add(id);
    if (this.#used.size > 0) this.#timer ??= setTimeout(() => void this.flush(), this.delayMs).unref();
  }

  /** Records what was noted. A batch that fails is dropped: the next use of the token notes it again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used.size === 0) return;
    const batch = [...this.#used];
    this.#used = new Set();
    await this.lookup.touch(batch).catch(this.onFailure);
  }
}
