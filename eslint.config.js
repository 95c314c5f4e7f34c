// What needs types or the project graph: walls between projects and promises nobody waits for.
// Walls between the rooms of one service, import cycles and the cheap rules are oxlint's (.oxlintrc.json).
import nx from '@nx/eslint-plugin';
import { createProjectGraphAsync } from 'nx/src/devkit-exports.js';
import tseslint from 'typescript-eslint';

// Without a project graph on disk the wall between projects is skipped with a warning only: make it first, afresh.
await createProjectGraphAsync({ exitOnError: true });

const SERVICES = ['jobs', 'registry', 'marketplace', 'execution'];
const LIBRARIES = ['type:lib', 'type:contract'];

/** Apollo's planner is under the Elastic License (NOTICE): it stays where it is replaceable, behind the gateway's seam. */
const PLANNER = ['@apollo/gateway', '@apollo/query-planner', '@apollo/federation-internals'];
const COMPOSITION = ['@apollo/composition'];

const mayUse = (sourceTag, tags, extra = {}) => ({ sourceTag, onlyDependOnLibsWithTags: tags, ...extra });

/** The table of ARCHITECTURE.md, "Walls"; tests may also use the testkit and, being outside, the tools'. */
const walls = ({ forTests }) => {
  const testkit = forTests ? ['type:testkit'] : [];
  const local = forTests ? ['scope:local'] : [];
  const elastic = forTests ? PLANNER : [...PLANNER, ...COMPOSITION];
  return [
    mayUse('type:contract', ['type:contract'], {
      allowedExternalImports: forTests ? ['zod', 'vitest', 'fast-check'] : ['zod'],
    }),
    mayUse('type:lib', [...LIBRARIES, ...testkit], { bannedExternalImports: elastic }),
    mayUse('type:testkit', [...LIBRARIES, 'type:testkit']),
    mayUse('type:service', [...LIBRARIES, ...testkit], {
      bannedExternalImports: [...elastic, '@apollo/server'],
    }),
    mayUse('type:gateway', [...LIBRARIES, ...testkit], {
      notDependOnLibsWithTags: forTests ? [] : ['reach:database'],
      bannedExternalImports: forTests ? [] : ['typeorm', 'pg', 'nats', 'type-graphql'],
    }),
    mayUse('type:tool', [...LIBRARIES, 'type:service', 'type:gateway', 'type:testkit', 'type:tool']),
    mayUse('scope:shared', ['scope:shared', ...local]),
    mayUse('scope:local', ['scope:shared', 'scope:local']),
    mayUse('scope:gateway', ['scope:gateway', 'scope:shared', ...local]),
    ...SERVICES.map((name) => mayUse(`scope:${name}`, [`scope:${name}`, 'scope:shared', ...local])),
    mayUse('scope:tools', ['*']),
  ];
};

const boundaries = (options) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      allow: [],
      allowCircularSelfDependency: false,
      enforceBuildableLibDependency: false,
      depConstraints: walls(options),
    },
  ],
});

const ENV = 'Settings are declared in config.ts; process.env is read in main.ts only.';

const NO_SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'A const object with a union of the same name, not an enum.' },
  { selector: "MemberExpression[object.name='globalThis'][property.name='process']", message: ENV },
  { selector: "VariableDeclarator[init.name='process'] > ObjectPattern", message: ENV },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.weft/**',
      '.cache/**',
      '.nx/**',
      'services/execution/harness/**',
      'tools/examples/**',
    ],
  },
  {
    files: ['**/*.{ts,mts,js,mjs}'],
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    rules: {
      ...boundaries({ forTests: false }),
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      'no-warning-comments': [
        'error',
        { terms: ['eslint-disable', 'oxlint-disable', 'todo', 'fixme'], location: 'anywhere' },
      ],
    },
  },
  {
    files: ['{libs,services,gateway}/**/src/**/*.ts'],
    ignores: ['**/main.ts', '**/*-main.ts', '**/*.test.ts', '**/testing/**', 'libs/testkit/**'],
    rules: {
      'no-restricted-syntax': ['error', ...NO_SYNTAX],
    },
  },
  {
    files: ['services/*/src/{domain,application,persistence,graphql,messaging,worker}/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...NO_SYNTAX,
        {
          selector: 'ImportExpression',
          message: 'A dynamic import walks around the walls of the rooms; import statically.',
        },
      ],
    },
  },
  {
    // Entries in plain JavaScript run before anything is built, and load what is built by its path.
    files: ['tools/dev/*.mjs'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/testing/**/*.ts'],
    rules: {
      ...boundaries({ forTests: true }),
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression > MemberExpression.callee[property.name=/^(skip|skipIf|todo|only)$/]',
          message:
            'A test runs, or it is not there. What a machine may lack: runIf, with the reason beside it.',
        },
      ],
    },
  },
);
