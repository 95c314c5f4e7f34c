// Lets one in at a time, in the order of coming; whoever has waited too long goes by. For what is better done one after
// the other, and still right where it is not.

export interface Latch {
  /** Resolves to what lets the next one in; to nothing where it took too long. */
  enter(mostMs: number): Promise<(() => void) | undefined>;
}

export function createLatch(): Latch {
  const waiting = new Set<() => void>();
  let isHeld = false;
  const enterNow = (): (() => void) => {
    isHeld = true;
    let isOut = false;
    return () => {
      if (isOut) return;
      isOut = true;
      isHeld = false;
      const [next] = waiting;
      next?.();
    };
  };
  return {
    enter(mostMs) {
      if (!isHeld) return Promise.resolve(enterNow());
      return new Promise((resolve) => {
        const goBy = setTimeout(() => {
          waiting.delete(enter);
          resolve(undefined);
        }, mostMs);
        const enter = (): void => {
          waiting.delete(enter);
          clearTimeout(goBy);
          resolve(enterNow());
        };
        waiting.add(enter);
      });
    },
  };
}
