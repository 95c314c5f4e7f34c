// Definitions and schedules as the graph changes them: what the tests of the service share.
import type { TestService } from './jobs-service.js';

export interface Payload {
  readonly userErrors: { code: string; path: string[]; message: string }[];
}
export interface Saved extends Payload {
  readonly change: string | null;
  readonly definition: { id: string; version: number } | null;
}
export interface Started extends Payload {
  readonly repeated: boolean;
  readonly job: { id: string } | null;
}

export const INPUTS = {
  type: 'object',
  required: ['day'],
  properties: { day: { type: 'string' }, depth: { type: 'integer', default: 3 } },
};

export function storedGraph(weft: TestService) {
  const mutate = async <T extends Payload>(
    field: string,
    type: string,
    selection: string,
    input: Readonly<Record<string, unknown>>,
    actor = weft.user,
  ): Promise<T> => {
    const document = `mutation($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code path message } } }`;
    return (await weft.graphql<Record<string, T>>(document, { input }, actor))[field] as T;
  };
  const apply = (input: Readonly<Record<string, unknown>>, actor = weft.user) =>
    mutate<Saved>(
      'applyJobDefinition',
      'ApplyJobDefinitionInput',
      'change definition { id version }',
      { serviceVersionId: weft.serviceVersionId, ...input },
      actor,
    );
  const start = (input: Readonly<Record<string, unknown>>, actor = weft.user) =>
    mutate<Started>('startJobDefinition', 'StartJobDefinitionInput', 'repeated job { id }', input, actor);
  const schedule = (input: Readonly<Record<string, unknown>>, actor = weft.user) =>
    mutate<Payload & { schedule: { id: string; nextRuns: string[] } | null }>(
      'createSchedule',
      'CreateScheduleInput',
      'schedule { id nextRuns }',
      input,
      actor,
    );
  return { mutate, apply, start, schedule };
}
