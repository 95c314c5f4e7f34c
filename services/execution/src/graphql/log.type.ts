import { PageInfoType } from '@weft/subgraph';
import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { LogStream } from '../domain/log-line.js';
import { LogStreamEnum } from './enums.js';

@ObjectType('LogLine', { description: 'One line of the log of an attempt.' })
export class LogLineType {
  @Field(() => String, { description: "Its place in the job's log." })
  cursor!: string;

  @Field(() => Int, { description: 'Number of the attempt that wrote it.' })
  attempt!: number;

  @Field(() => Int, { description: 'Number of the line within its attempt, from 1.' })
  number!: number;

  @Field(() => LogStreamEnum, { description: 'Where it came from.' })
  stream!: LogStream;

  @Field(() => Date, { description: 'When its worker read it.' })
  at!: Date;

  @Field(() => String, { description: 'The line, without its end.' })
  text!: string;
}

@ObjectType('LogLineEdge', { description: 'A log line in a list.' })
export class LogLineEdgeType {
  @Field(() => String, { description: 'Where the list continues after (or before) this one.' })
  cursor!: string;

  @Field(() => LogLineType, { description: 'The line.' })
  node!: LogLineType;
}

@ObjectType('LogLineConnection', { description: 'A page of log lines in the order in which they arrived.' })
export class LogLineConnectionType {
  @Field(() => [LogLineEdgeType], { description: 'The lines of this page.' })
  edges!: LogLineEdgeType[];

  @Field(() => PageInfoType, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfoType;
}

@Directive('@key(fields: "id")')
@ObjectType('Job', { description: 'One run of something, with a lifecycle.' })
export class JobType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@ObjectType('AttemptUsage', { description: 'What an attempt used of its machine.' })
export class AttemptUsageType {
  @Field(() => Int, { description: 'Processor time in milliseconds.' })
  cpuMs!: number;

  @Field(() => Int, { description: 'Time from start to end in milliseconds.' })
  wallMs!: number;

  @Field(() => Float, { description: 'Highest use of memory in bytes.' })
  peakMemoryBytes!: number;
}

@Directive('@key(fields: "id")')
@ObjectType('Attempt', { description: "One try at running a slice of a job's items." })
export class AttemptType {
  @Field(() => ID, { description: '`<job id>:<number>`.' })
  id!: string;
}

@ObjectType('JobLogsPayload', { description: 'What was added to the log of a job.' })
export class JobLogsPayloadType {
  @Field(() => String, { description: 'Resume after this cursor to miss nothing and see nothing twice.' })
  cursor!: string;

  @Field(() => [LogLineType], { description: 'The new lines, in order.' })
  lines!: LogLineType[];

  @Field(() => JobType, { description: 'The job.' })
  job!: JobType;

  @Field(() => Boolean, {
    description: 'Whether the job has ended and all its lines have been told; then the stream completes.',
  })
  complete!: boolean;
}
