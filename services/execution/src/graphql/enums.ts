import type { ArtifactKind, JobKind, ServiceRuntime, TargetStatus } from '@weft/contracts';
import { graphqlEnum } from '@weft/subgraph';
import type { LogStream } from '../domain/log-line.js';

export const TargetStatusEnum = graphqlEnum<TargetStatus>(
  'TargetStatus',
  'Whether a target can run jobs now.',
  {
    AVAILABLE: 'Runs jobs.',
    DEGRADED: 'Runs jobs, with something missing or weaker than it should be; `statusReason` says what.',
    UNAVAILABLE: 'Runs none; jobs wait until it is back.',
  },
);

export const JobKindEnum = graphqlEnum<JobKind>('JobKind', 'What a job runs.', {
  MANAGED_SERVICE: 'Runs the code of a service version.',
  COMMAND: 'Runs a shell command line.',
  REGISTRATION:
    'A job of the registry itself: writes down an activity or its provenance. In no list unless asked for.',
});

export const ServiceRuntimeEnum = graphqlEnum<ServiceRuntime>(
  'ServiceRuntime',
  'The language of a managed service.',
  {
    NODEJS: 'JavaScript on Node.js: one module that exports `run(data, params, context)`.',
    PYTHON: 'Python 3: one module that defines `run(data, params, context)`.',
  },
);

export const ArtifactKindEnum = graphqlEnum<ArtifactKind>('ArtifactKind', 'What a stored file is for.', {
  INPUT: 'Data of jobs.',
  CODE: 'Code of a service version.',
  RESULT: 'Result of a job that is too large to be told by value.',
  LOG: 'Log of an attempt.',
  REPORT: 'Report of a build or validation.',
});

export const UploadKindEnum = graphqlEnum<Extract<ArtifactKind, 'INPUT' | 'CODE'>>(
  'UploadKind',
  'What an uploaded file is for.',
  {
    INPUT: 'Data of jobs.',
    CODE: 'Code of a service version.',
  },
);

export const LogStreamEnum = graphqlEnum<LogStream>(
  'LogStream',
  "Where a log line came from; SYSTEM lines are the platform's own.",
  {
    STDOUT: 'Standard output of the run.',
    STDERR: 'Standard error of the run.',
    SYSTEM: 'The platform, about the run.',
  },
);
