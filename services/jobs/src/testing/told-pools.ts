// Data pools as the registry tells of them. For tests.
import { randomUUID } from 'node:crypto';
import {
  dataPoolChanged,
  dataPoolFileChanged,
  envelope,
  type DataPoolChanged,
  type DataPoolFileChanged,
  type EventDefinition,
} from '@weft/contracts';
import type { Messaging } from '@weft/messaging';

/** @param registry its connection. @returns what makes a pool whose owner is this organization. */
export function poolTeller(registry: Messaging) {
  const tell = async <T>(event: EventDefinition<T>, payload: T): Promise<void> => {
    const told = envelope(event, event.schema.parse(payload), new Date(), 'correlation-test');
    await registry.jetstream.publish(event.subject(payload), JSON.stringify(told), { msgID: told.id });
  };
  return (organizationId: string, dataPoolId: string = randomUUID()) => {
    let seq = 0;
    return {
      dataPoolId,
      say: (changes: Partial<DataPoolChanged> = {}) =>
        tell(dataPoolChanged, {
          ...{ dataPoolId, seq: (seq += 1), organizationId, name: 'pool', state: 'OPEN', change: 'UPDATED' },
          dataReaders: [],
          ...changes,
        }),
      async file(name: string, version: number) {
        const file: DataPoolFileChanged = {
          ...{ fileId: randomUUID(), seq: 1, dataPoolId, name, version, artifactId: randomUUID() },
          ...{ mediaType: 'text/csv', size: 7, sha256: 'x', removed: false },
        };
        await tell(dataPoolFileChanged, file);
        return { ...file, remove: () => tell(dataPoolFileChanged, { ...file, seq: 2, removed: true }) };
      },
    };
  };
}
