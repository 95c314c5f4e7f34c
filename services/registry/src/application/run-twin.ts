// Within an organization a run is registered once, by what it says: who registers, edits or transfers one may meet its twin.
import { refuse } from '@weft/errors';

/** A run that says something. */
export interface SayingRun {
  readonly key: number;
  readonly id: string;
  readonly pid: string;
  /** Whether who asks may read it. */
  readonly isSeen: boolean;
}

export const refuseTwin = ({ pid, isSeen }: SayingRun, path: readonly string[]): never =>
  refuse(
    'MODEL_RUN_DUPLICATE',
    `The organization has registered a run that says just the same, ${isSeen ? pid : 'which you may not read'}; edit that one, or say what differs.`,
    ...path,
  );

/** Another transaction was faster with something of which there is one only; the next look sees it. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Work that looks again as often as it is overtaken. */
export async function lookingAgain<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
}
