// How replicas tell each other that a worker of a target may find something now: hints, which may be lost - whoever
// waits looks from time to time all the same.
import { randomUUID } from 'node:crypto';
import { heldBackSubject, wakeSubject } from '@weft/contracts';
import type { Messaging, Msg } from '@weft/messaging';

export interface Bells {
  /** Something may have come into the queue of this target. */
  ring(targetId: string): void;
  /** Work of this target waits here for nothing but a limit: whoever hears of an end should ring. */
  heldBack(targetId: string): void;
  /** Attempts ended here: what is held back at other replicas may go on. */
  freed(): void;
  stop(): void;
}

/** What was told so recently is told once more only after this time. */
const RING_MS = 20;
const HELD_BACK_MS = 500;
/** For how long others take it that a target is still held back. */
const HELD_BACK_FOR_MS = 2_500;

/** @param heard is told of what another replica rang for. */
export function hangBells(messaging: Messaging, heard: (targetId: string) => void): Bells {
  const self = randomUUID();
  const heldBackElsewhere = new Map<string, number>();
  const publish = (subject: string): void => {
    if (messaging.connected()) messaging.connection.publish(subject, self);
  };
  const ring = calmly(RING_MS, (targetId) => publish(wakeSubject(targetId)));
  const heldBack = calmly(HELD_BACK_MS, (targetId) => publish(heldBackSubject(targetId)));
  const listen = (subject: string, take: (targetId: string) => void) =>
    messaging.connection.subscribe(subject, {
      callback: (error: Error | null, message: Msg) => {
        if (error === null && message.string() !== self) take(message.subject.split('.').at(-1) as string);
      },
    });
  const subscriptions = [
    listen(wakeSubject('*'), heard),
    listen(heldBackSubject('*'), (targetId) =>
      heldBackElsewhere.set(targetId, performance.now() + HELD_BACK_FOR_MS),
    ),
  ];
  return {
    ring,
    heldBack,
    freed() {
      for (const [targetId, until] of heldBackElsewhere)
        if (until < performance.now()) heldBackElsewhere.delete(targetId);
        else ring(targetId);
    },
    stop() {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

/** At once, and then not before this time has passed: what is told again meanwhile is told once, at its end. */
function calmly(ms: number, tell: (targetId: string) => void): (targetId: string) => void {
  const resting = new Map<string, { again: boolean }>();
  return function told(targetId) {
    const rest = resting.get(targetId);
    if (rest !== undefined) {
      rest.again = true;
      return;
    }
    tell(targetId);
    const state = { again: false };
    resting.set(targetId, state);
    setTimeout(() => {
      resting.delete(targetId);
      if (state.again) told(targetId);
    }, ms).unref();
  };
}
