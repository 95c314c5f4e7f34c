import type { GeneratedFile } from './generated-file.js';

/** What this needs of a project's configuration definition (`defineConfig` of @weft/config). */
export interface RendersEnv {
  readonly title: string;
  renderEnvExample(): string;
}

const HEADER = `# Every setting of every process, generated from the projects' config definitions by \`npm run generate\`.
# \`npm start\` needs none of them: it chooses ports, makes secrets and hands each process its own settings.
# How the processes fit together: docs/processes.md
`;

export const envExample = (definitions: readonly RendersEnv[]): GeneratedFile => ({
  path: '.env.example',
  content: [HEADER, ...definitions.map((definition) => definition.renderEnvExample())].join('\n'),
});
