// What a test file leaves behind is cleared when it ends, wherever in the file it was made: vitest ignores hooks that are
// registered inside a test or another hook, so the setup file registers one for all (setup.ts).
type Cleanup = (failed: boolean) => Promise<void>;

const cleanups: Cleanup[] = [];

/** The last made is cleared first. */
export const whenFileEnds = (cleanup: Cleanup): void => void cleanups.push(cleanup);

export async function clearUp(failed: boolean): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup(failed);
}
