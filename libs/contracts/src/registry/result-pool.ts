// The data pool that is to keep what a job makes: asked for when the job is submitted, carried by jobs, done by the registry.
import { z } from 'zod';

export const resultPool = z.object({
  dataPoolId: z.guid(),
  /** Of the file of each result, with placeholders (`resultFileName`). */
  name: z.string(),
  /** What whoever asked for it was when he asked (principal.ts): by these the right to write is judged when it is done. */
  principals: z.array(z.guid()),
});
export type ResultPool = z.infer<typeof resultPool>;

export const RESULT_PLACEHOLDERS = ['{jobId}', '{index}', '{name}'] as const;

/** The name of the file that the result of an item becomes. The name of a job makes no folders. */
export const resultFileName = (
  template: string,
  { jobId, jobName, index }: { readonly jobId: string; readonly jobName: string; readonly index: number },
): string =>
  template.replaceAll(/\{(jobId|index|name)\}/g, (_, placeholder: string) => {
    if (placeholder === 'jobId') return jobId;
    return placeholder === 'index' ? String(index) : jobName.replaceAll(/[/\\]/g, '_').trim();
  });

export const MAX_FILE_NAME = 500;

/** Names of files in data pools may have folders; what would lead out of the pool, or twice to the same place, is none. */
export function isFileName(name: string): boolean {
  const steps = name.split('/');
  return (
    name.length <= MAX_FILE_NAME &&
    name.isWellFormed() &&
    name === name.trim() &&
    !/[\p{Cc}\\]/u.test(name) &&
    steps.every((step) => step !== '' && step !== '.' && step !== '..')
  );
}
