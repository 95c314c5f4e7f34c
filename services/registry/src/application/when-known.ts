import { outcomeOf, refuse, type Outcome } from '@weft/errors';

/** What was uploaded or made a moment ago may not have been heard of here. */
export class NotKnownYet extends Error {
  override readonly name = 'NotKnownYet';
  readonly path: readonly string[];

  constructor(message: string, ...path: string[]) {
    super(message);
    this.path = path;
  }
}

/** Tries again while something is not known yet, for as long as the patience lasts and with nothing locked. */
export const whenKnown = <T>(
  patience: () => () => Promise<boolean>,
  attempt: () => Promise<T>,
): Promise<Outcome<T>> =>
  outcomeOf(async () => {
    const wait = patience();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof NotKnownYet)) throw error;
        if (!(await wait())) refuse('REFERENCE_UNKNOWN', error.message, ...error.path);
      }
    }
  });
