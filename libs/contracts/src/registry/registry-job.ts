import { z } from 'zod';

/** The target of the registry's own jobs. Jobs knows it from the start, and takes no submission of a user to it. */
export const REGISTRY_TARGET = 'registry';

/** What the registry's worker is to do, by a word that only the registry knows, e.g. `REGISTER_CREATE_ACTIVITY`. */
export const registryOperation = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'is not plain text');

/** A job that the registry asks for, under an id that it chose itself: asked twice, it is there once. */
export const registryJob = z.object({
  jobId: z.guid(),
  name,
  operation: registryOperation,
  /** For the operation. In a workflow an object with `$from` stands for the result of the step of that key. */
  params: z.json(),
  /**
   * A job of the same organization whose item made a value: this value, to the byte, is the data of this job. It is taken when
   * the job comes into being; where there is none any more, the job has no data.
   */
  resultOf: z.object({ jobId: z.guid(), itemIndex: z.number().int().nonnegative() }).optional(),
});
export type RegistryJob = z.infer<typeof registryJob>;

/** Whose jobs they are, and on whose behalf they run. */
export const registryRequest = z.object({
  organizationId: z.guid(),
  /** The user who did what set them off. */
  createdBy: z.string().min(1),
  /** Of the workflow or batch. */
  name,
});
