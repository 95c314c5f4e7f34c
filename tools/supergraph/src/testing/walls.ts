// The walls between projects and rooms, each with an import that it refuses, or one that it must let through.

/** One try: source put into a folder, and the rule that must refuse it; none: the linters must let it pass. */
export interface Wall {
  readonly wall: string;
  readonly folder: string;
  readonly source: string;
  readonly rule: string | undefined;
  readonly test: boolean;
}

const wall = (
  folder: string,
  rule: string | undefined,
  tries: Readonly<Record<string, string>>,
  test = false,
): Wall[] => Object.entries(tries).map(([name, source]) => ({ wall: name, folder, source, rule, test }));

const use = (specifier: string): string =>
  `import * as other from '${specifier}';\nexport const used = other;`;

const PROJECTS = '@nx/enforce-module-boundaries';
const ROOMS = 'eslint(no-restricted-imports)';
const SYNTAX = 'no-restricted-syntax';
const PASSES = undefined;

const BETWEEN_PROJECTS = [
  ...wall('services/jobs/src', PROJECTS, {
    'a service does not know another service': use('@weft/registry'),
    'nor by a path': use('../../registry/src/index.js'),
    'nor by a dynamic import': "export const used = () => import('@weft/registry');",
    'nor the gateway': use('@weft/gateway'),
    'nor a tool': use('@weft/dev'),
    'a service does not use the testkit': use('@weft/testkit'),
    'a service does not start embedded servers': use('@weft/embedded'),
    'a service has no Elastic-licensed part': use('@apollo/gateway'),
  }),
  ...wall(
    'services/jobs/src',
    PROJECTS,
    { 'a test knows no other service either': use('@weft/registry') },
    true,
  ),
  ...wall('services/jobs/src', PASSES, { 'a test uses the testkit': use('@weft/testkit') }, true),
  ...wall('gateway/src', PROJECTS, {
    'the gateway knows no service': use('@weft/jobs'),
    'the gateway has no database': use('@weft/database'),
    'the gateway has no outbox': use('@weft/outbox'),
    'the gateway has no database driver': use('pg'),
  }),
  ...wall('libs/contracts/src', PROJECTS, {
    'contracts know zod only, no transport': use('nats'),
    'contracts know zod only, no library': use('@weft/errors'),
  }),
  ...wall('libs/errors/src', PROJECTS, {
    'a library knows no service': use('@weft/jobs'),
    'a library knows no tool': use('@weft/dev'),
  }),
  ...wall('tools/e2e/src', PASSES, { 'a tool uses the public face of a service': use('@weft/jobs') }),
  ...wall('tools/e2e/src', PROJECTS, {
    'a tool does not reach inside a service': use('../../../services/jobs/src/index.js'),
  }),
];

const BETWEEN_ROOMS = [
  ...wall('services/jobs/src/domain', ROOMS, {
    'domain is pure: no ORM': use('typeorm'),
    'domain is pure: no I/O': use('node:fs'),
    'domain is pure: no library but errors': use('@weft/telemetry'),
    'domain does not know its users': use('../application/x.js'),
    'domain does not wire itself': use('../context.js'),
  }),
  ...wall('services/jobs/src/domain', SYNTAX, {
    'domain is pure: no dynamic way out': "export const used = () => import('node:fs');",
  }),
  ...wall('services/jobs/src/domain', PASSES, {
    'domain uses errors': use('@weft/errors'),
    'domain uses the words of the contracts': use('@weft/contracts'),
  }),
  ...wall('services/marketplace/src/application', ROOMS, {
    'application has no ORM': use('typeorm'),
    'application has no transport': use('nats'),
    'application has no GraphQL': use('type-graphql'),
    'application does not reach into persistence': use('../persistence/x.js'),
    'application does not wire itself': use('../context.js'),
    'application makes no actors':
      "import { createActorIssuer } from '@weft/identity';\nexport const used = createActorIssuer;",
    'application opens no database':
      "import { openDatabase } from '@weft/database';\nexport const used = openDatabase;",
  }),
  ...wall('services/marketplace/src/application', PASSES, {
    'application asks what an actor may do':
      "import { hasRole } from '@weft/identity';\nexport const used = hasRole;",
    'application knows the type of a transaction':
      "import type { Tx } from '@weft/database';\nexport type Used = Tx;",
  }),
  ...wall('services/registry/src/persistence', ROOMS, {
    'persistence does not know graphql': use('../graphql/x.js'),
    'persistence does not know messaging': use('../messaging/x.js'),
    'persistence has no broker': use('nats'),
  }),
  ...wall('services/execution/src/graphql', ROOMS, {
    'graphql does not know persistence': use('../persistence/x.js'),
    'graphql does not know messaging': use('../messaging/x.js'),
    'graphql opens no database': use('pg'),
  }),
  ...wall('services/jobs/src/messaging', ROOMS, {
    'messaging does not know persistence': use('../persistence/x.js'),
    'messaging does not know graphql': use('../graphql/x.js'),
    'messaging answers no GraphQL': use('type-graphql'),
  }),
  ...wall('services/registry/src/application', ROOMS, {
    'application does not speak to registrars of identifiers': use('../pids/x.js'),
  }),
  ...wall('services/registry/src/pids', ROOMS, {
    'pids does not know persistence': use('../persistence/x.js'),
    'pids opens no database': use('@weft/database'),
  }),
  ...wall('services/registry/src/pids', PASSES, { 'pids speaks to registrars': use('undici') }),
  ...wall('services/execution/src/worker', ROOMS, {
    'the worker has no database': use('@weft/database'),
    'the worker does not reach into its service': use('../application/x.js'),
  }),
];

const EVERYWHERE = [
  ...wall('services/jobs/src', 'node(no-process-env)', {
    'settings are read in main.ts only': "export const used = process.env['HOME'];",
  }),
  ...wall('services/jobs/src', ROOMS, {
    'settings: nor by another name': "import { env } from 'node:process';\nexport const used = env;",
  }),
  ...wall('services/jobs/src', SYNTAX, {
    'settings: nor taken apart': 'const { env } = process;\nexport const used = env;',
    'no enum': 'export enum Used {\n  One = 1,\n}',
  }),
  ...wall(
    'libs/errors/src',
    SYNTAX,
    { 'no test left out': "import { it } from 'vitest';\nit.skip('x', () => undefined);" },
    true,
  ),
  ...wall('libs/errors/src', 'import(no-default-export)', {
    'no default export': 'const used = 1;\nexport default used;',
  }),
  ...wall('libs/errors/src', 'import(no-cycle)', {
    'no import cycle':
      "import { used as other } from './SELF.js';\nexport const used = (): unknown => other;",
  }),
  ...wall('libs/errors/src', '@typescript-eslint/no-floating-promises', {
    'no promise that nobody waits for':
      "export const used = (): void => {\n  Promise.reject(new Error('lost'));\n};",
  }),
  ...wall('libs/errors/src', 'typescript(no-explicit-any)', {
    'no any': 'export const used = (value: any): unknown => value;',
  }),
  ...wall('libs/errors/src', 'typescript(ban-ts-comment)', {
    'no type error hidden': '// @ts-ignore\nexport const used: number = 1;',
  }),
  ...wall('libs/errors/src', 'no-warning-comments', {
    'no linter switched off': '// eslint-disable-next-line no-var\nexport const used = 1;',
  }),
];

export const WALLS: readonly Wall[] = [...BETWEEN_PROJECTS, ...BETWEEN_ROOMS, ...EVERYWHERE];
