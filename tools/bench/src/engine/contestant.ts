// What the engine bench sets against each other: each takes one job through its whole life, again and again.

/** One that runs on a database of its own. */
export interface Contestant extends AsyncDisposable {
  /** Submits a job; resolves once its end is committed. */
  cycle(): Promise<void>;
}

export interface Place {
  readonly databaseUrl: string;
  readonly nats: { readonly url: string; readonly jobsPassword: string; readonly workerPassword: string };
  /** How many jobs are under way at a time. */
  readonly concurrency: number;
}

export type StartContestant = (place: Place) => Promise<Contestant>;

/** Who waits for the end of a job, and ends that came before anybody waited. */
export class Endings {
  readonly #waiting = new Map<string, () => void>();
  readonly #early = new Set<string>();

  ended(id: string): void {
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) this.#early.add(id);
    else {
      this.#waiting.delete(id);
      resolve();
    }
  }

  of(id: string): Promise<void> {
    if (this.#early.delete(id)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
