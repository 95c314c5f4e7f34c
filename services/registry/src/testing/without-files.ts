import type { OperationContext } from '../application/operations.js';

/** For operations that are given nothing, make no files and read nothing of other jobs. */
export const withoutFiles: Pick<OperationContext, 'data' | 'store' | 'others'> = {
  data: () => Promise.resolve(null),
  store: () => Promise.reject(new Error('it makes no files')),
  others: {
    file: () => Promise.reject(new Error('it reads no files')),
    value: () => Promise.reject(new Error('it reads no values')),
    log: () => {
      throw new Error('it reads no logs');
    },
  },
};
