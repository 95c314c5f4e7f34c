import { defineConfig, durationMs, secret } from '@weft/config';
import { serviceSettings } from '@weft/process';
import { z } from 'zod';
import { TOKEN_SECRET } from './token-secrets.js';

/** The settings of the marketplace service; `docs/processes.md` says how they fit together. */
export const marketplaceConfig = defineConfig('marketplace service', {
  ...serviceSettings,
  FIRST_USER_NAME: {
    schema: z.string(),
    default: 'first-user',
    description: "name of the first user, who is the platform's operator",
  },
  FIRST_USER_TOKEN: {
    schema: z
      .string()
      .regex(TOKEN_SECRET, 'is not "weft_" and 43 base64url characters')
      .pipe(secret())
      .optional(),
    default: null,
    description: "the first user's personal token, ensured at every start",
  },
  TOKEN_USE_DELAY: {
    schema: durationMs(),
    default: '2s',
    description: 'how long uses of tokens are gathered before they are recorded',
  },
});

export type MarketplaceConfig = ReturnType<typeof marketplaceConfig.read>;
