import { execSubject, logsReply, type BeatRequest, type LogsReply, type LogsRequest } from '@weft/contracts';
import type { Messaging } from '@weft/messaging';
import { ask, createWorkClient, readAnswer, type WorkClient } from '@weft/worker';

/** Everything that a worker of execution's targets says to the platform: what any worker says, and to execution its logs. */
export interface PlatformClient extends WorkClient {
  logs(targetId: string, value: LogsRequest): Promise<LogsReply>;
  beat(targetId: string, value: BeatRequest): Promise<void>;
}

export function createPlatformClient(messaging: Messaging, workerId: string): PlatformClient {
  return {
    ...createWorkClient(messaging, workerId),
    async logs(targetId, value) {
      return readAnswer(logsReply, await ask(messaging, execSubject('log', targetId, workerId), value));
    },
    async beat(targetId, value) {
      await ask(messaging, execSubject('beat', targetId, workerId), value);
    },
  };
}
