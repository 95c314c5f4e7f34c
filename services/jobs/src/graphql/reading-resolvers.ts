import { DeadLetterResolver } from './dead-letter.resolver.js';
import { JobComparisonResolver } from './job-comparison.resolver.js';
import { JobRecordResolver } from './job-record.resolver.js';
import { JobMeasuresResolver, JobSummaryResolver } from './job-summary.resolver.js';
import { JobViewResolver } from './job-view.resolver.js';
import type { SchemaParts } from './schema.js';

/** What people read of many jobs, and keep of each beside its lifecycle. */
export function readingResolvers({ ports, reader, records }: SchemaParts): object[] {
  return [
    new DeadLetterResolver(ports, reader),
    new JobSummaryResolver(reader),
    new JobMeasuresResolver(),
    new JobComparisonResolver(reader),
    new JobRecordResolver(ports, records),
    new JobViewResolver(ports, records, reader),
  ];
}
