// What the global setup hands to the test files (vitest's provide and inject).
import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a superuser on the run's PostgreSQL. */
    weftPostgresUrl: string;
    /** Folder of fetched programs (nats-server, bubblewrap). */
    weftCacheDir: string;
  }
}
