// Long polls of workers: a claim that finds nothing is held for a moment and answered as soon as work appears.
export interface Hold {
  readonly targetId: string;
  /** Tries the claim again; true when it was answered. */
  attempt(): Promise<boolean>;
  /** Resolves when it was answered by other means. */
  readonly answered?: Promise<void>;
}

interface Held {
  attempt(): Promise<boolean>;
  /** Answers empty, unless an attempt under way finds something: what was claimed must reach who asked for it. */
  giveUp(): void;
}

export class ClaimHolds {
  readonly #holds = new Map<string, Set<Held>>();
  readonly #busy = new Map<string, { again: boolean }>();

  constructor(private readonly onError: (error: unknown) => void) {}

  /** Holds until answered or `ms` have passed; resolves to whether it was answered. */
  async hold(hold: Hold, ms: number): Promise<boolean> {
    const holds = this.#holds.get(hold.targetId) ?? new Set();
    this.#holds.set(hold.targetId, holds);
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<boolean>((resolve) => {
      let trying: Promise<unknown> = Promise.resolve();
      const held: Held = {
        async attempt() {
          const attempt = hold.attempt();
          trying = attempt.then(resolveIfDone, () => undefined);
          return attempt;
        },
        giveUp() {
          holds.delete(held);
          void trying.then(() => resolve(false));
        },
      };
      const resolveIfDone = (done: boolean): void => {
        if (!done) return;
        holds.delete(held);
        resolve(true);
      };
      holds.add(held);
      void hold.answered?.then(() => resolveIfDone(true));
      timer = setTimeout(held.giveUp, ms);
    });
    // Work may have come between the first look and the hold.
    this.wake(hold.targetId);
    const result = await answered;
    clearTimeout(timer);
    return result;
  }

  /** Answers all that are held. */
  stop(): void {
    for (const holds of this.#holds.values()) for (const held of holds) held.giveUp();
  }

  has(targetId: string): boolean {
    return (this.#holds.get(targetId)?.size ?? 0) > 0;
  }

  targets(): string[] {
    return [...this.#holds].filter(([, holds]) => holds.size > 0).map(([targetId]) => targetId);
  }

  /** Work may have appeared: all who wait try together, and again while more may have come meanwhile. */
  wake(targetId: string): void {
    const running = this.#busy.get(targetId);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const state = { again: false };
    this.#busy.set(targetId, state);
    void this.#serve(targetId, state);
  }

  async #serve(targetId: string, state: { again: boolean }): Promise<void> {
    do {
      state.again = false;
      const holds = this.#holds.get(targetId) ?? new Set();
      await Promise.all(
        [...holds].map((hold) => hold.attempt().catch((error: unknown) => this.onError(error))),
      );
    } while (state.again && this.has(targetId));
    // In the same breath as the last check: a wake in between would be nobody's.
    this.#busy.delete(targetId);
  }
}
