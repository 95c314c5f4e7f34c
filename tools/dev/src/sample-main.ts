// The process of the first job: a client of its own, so that the supervisor stays light.
import { createGraphClient } from './sample-client.js';
import { showSample } from './sample.js';

const { WEFT_URL = '', WEFT_TOKEN = '', WEFT_EXAMPLES = '' } = process.env;
const graph = createGraphClient(WEFT_URL, WEFT_TOKEN);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const { jobId, state } = await showSample(graph, WEFT_EXAMPLES, say);
  say(
    `    Look at it: query { job(id: "${jobId}") { state result attempts { outcome } provenance { activity { id } } } }\n`,
  );
  process.exitCode = state === 'SUCCEEDED' ? 0 : 1;
} catch (error) {
  say(`  ! the example job could not be shown: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await graph.close();
}
