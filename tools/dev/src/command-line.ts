import { AppError } from '@weft/errors';

export interface CommandLine {
  /** Start, wait until everything is ready, stop. */
  readonly check: boolean;
  /** Whether the first start shows the example job. */
  readonly sample: boolean;
  readonly help: boolean;
}

export const HELP = `Starts Weft on this machine: PostgreSQL, NATS, the four services, a worker and the gateway.

  npm start                  start, and on the first start show one real job
  npm start -- --no-sample   start without the example job
  npm start -- --check       start, wait until everything is ready, stop
  npm start -- --help        this text

Settings (environment): PORT (4000), WEFT_DATA_DIR (.weft), DATABASE_URL, NATS_URL; all of them are in .env.example.
`;

const FLAGS = ['--check', '--no-sample', '--help', '-h'];

export function readCommandLine(args: readonly string[]): CommandLine {
  const unknown = args.find((one) => !FLAGS.includes(one));
  if (unknown !== undefined) throw new AppError('CONFIG_INVALID', `${unknown} is not an option.\n\n${HELP}`);
  const check = args.includes('--check');
  return {
    check,
    sample: !check && !args.includes('--no-sample'),
    help: args.includes('--help') || args.includes('-h'),
  };
}
