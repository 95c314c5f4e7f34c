import { eventually, testBroker } from '@weft/testkit';
import { expect, it } from 'vitest';
import { createLogBell } from './log-bell.js';

it('wakes followers here at once, and those of other replicas by one message for many rings', async () => {
  const broker = await testBroker();
  const [here, elsewhere] = [createLogBell(), createLogBell()];
  const connections = [await broker.connect('execution'), await broker.connect('execution')] as const;
  here.connect(connections[0]);
  elsewhere.connect(connections[1]);
  let messages = 0;
  connections[1].connection.subscribe('weft.exec.wake.*', { callback: () => void (messages += 1) });
  await Promise.all(connections.map(({ connection }) => connection.flush()));
  const woken: string[] = [];
  const jobIds = Array.from({ length: 50 }, (_, index) => `job-${index}`);
  for (const jobId of jobIds) {
    here.listen(jobId, () => woken.push(`here ${jobId}`));
    elsewhere.listen(jobId, () => woken.push(`elsewhere ${jobId}`));
    here.ring(jobId);
    here.ring(jobId);
  }
  expect(woken).toEqual(jobIds.flatMap((jobId) => [`here ${jobId}`, `here ${jobId}`]));
  woken.length = 0;
  await eventually('the other replica', () => woken.length === jobIds.length);
  expect(woken).toEqual(jobIds.map((jobId) => `elsewhere ${jobId}`));
  expect(messages).toBe(1);
  here.ring('job-1');
  here.flush();
  await eventually('what is flushed', () => woken.length === jobIds.length + 2);
});
