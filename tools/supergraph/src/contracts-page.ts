// docs/contracts.md: what services say to each other, from the declarations in @weft/contracts.
import * as contracts from '@weft/contracts';
import { z } from 'zod';
import type { GeneratedFile } from './generated-file.js';

type AnyEvent = contracts.EventDefinition<unknown>;

const isEvent = (value: unknown): value is AnyEvent =>
  typeof value === 'object' &&
  value !== null &&
  'producer' in value &&
  'aggregate' in value &&
  'schema' in value;

/** Every declared event by its exported name. */
export const declaredEvents = (): [string, AnyEvent][] =>
  Object.entries(contracts)
    .filter((entry): entry is [string, AnyEvent & (typeof entry)[1]] => isEvent(entry[1]))
    .toSorted(([, a], [, b]) =>
      `${a.producer}.${a.type}.v${a.version}`.localeCompare(`${b.producer}.${b.type}.v${b.version}`),
    );

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const typeName = (schema: JsonSchema): string => {
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return union.map(typeName).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if (schema.type === 'array') return `list of ${typeName(schema.items ?? {})}`;
  if (schema.properties !== undefined) return `{ ${Object.keys(schema.properties).join(', ')} }`;
  return [schema.type ?? 'any JSON'].flat().join(' or ');
};

function payloadTable(event: AnyEvent): string {
  const schema = z.toJSONSchema(event.schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const rows = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => `| \`${name}\` | ${typeName(field)} |`,
  );
  return ['| field of `payload` | type |', '| --- | --- |', ...rows].join('\n');
}

const heard = (consumers: readonly string[]): string =>
  consumers.length === 0 ? 'nobody yet' : consumers.join(', ');

function eventSection(name: string, event: AnyEvent, consumers: readonly string[]): string {
  return [
    `### \`${event.type}\` v${event.version}`,
    '',
    `Declared as \`${name}\`. Said by **${event.producer}** on \`${event.filter()}\`, heard by ${heard(consumers)}.`,
    '',
    payloadTable(event),
  ].join('\n');
}

const HEADER = `# What services say to each other

Generated from \`libs/contracts\` and the services' consumers by \`npm run generate\`; do not edit.

## Events

Events travel outbox → JetStream stream \`${contracts.EVENT_STREAM}\` → inbox, at least once, in an envelope \`{ id, type, version, at, correlationId, payload }\`
of at most ${contracts.MAX_MESSAGE_BYTES / 1024} KB. The id is \`<type>:<aggregate>:<seq>\`: the message id of the broker and the key of the inbox. Order holds per aggregate, by \`seq\`.
A change that an old consumer cannot read is a new version beside the old one.`;

const operationRows = (
  operations: readonly string[],
  answeredBy: string,
  subject: (operation: string) => string,
): string[] =>
  operations.map((operation) => `| \`${operation}\` | ${answeredBy} | \`${subject(operation)}\` |`);

function workerProtocol(): string {
  const [target, worker] = ['<target>', '<worker>'];
  return [
    '## Worker protocol',
    '',
    'Idempotent commands by NATS request/reply (the one exception to events). Every subject names target and worker, so that the',
    "broker's permissions bind a credential to its targets. Schemas: `libs/contracts/src/work/`.",
    '',
    '| operation | answered by | subject |',
    '| --- | --- | --- |',
    ...operationRows(contracts.WORK_OPERATIONS, 'jobs', (one) =>
      contracts.workSubject(one as contracts.WorkOperation, target, worker),
    ),
    ...operationRows(contracts.EXEC_OPERATIONS, 'execution', (one) =>
      contracts.execSubject(one as contracts.ExecOperation, target, worker),
    ),
    '',
    `Told and not asked: \`${contracts.cancelSubject(target, worker)}\` (jobs → worker: a cancellation was requested),`,
    `\`${contracts.wakeSubject(target)}\` (jobs → every replica of jobs: a job of this target became claimable) and`,
    `\`${contracts.heldBackSubject(target)}\` (jobs → every replica of jobs: work of this target waits for nothing but a limit).`,
  ].join('\n');
}

export function contractsPage(consumers: ReadonlyMap<string, readonly string[]>): GeneratedFile {
  const events = declaredEvents();
  const overview = [
    '| event | version | producer | consumers |',
    '| --- | --- | --- | --- |',
    ...events.map(
      ([name, event]) =>
        `| \`${event.type}\` | ${event.version} | ${event.producer} | ${heard(consumers.get(name) ?? [])} |`,
    ),
  ].join('\n');
  const sections = events.map(([name, event]) => eventSection(name, event, consumers.get(name) ?? []));
  return {
    path: 'docs/contracts.md',
    content: `${[HEADER, overview, ...sections, workerProtocol()].join('\n\n')}\n`,
  };
}
