// Composition and drift checks, for the command line (`main.ts`) and for tests that need a supergraph.
export { composeSupergraph, type SubgraphSdl } from './compose.js';
export { undescribed } from './described.js';
export { findDrift, writeGenerated, type Drift } from './drift.js';
export { generatedFiles, type Faces, type SubgraphFace } from './generate.js';
export type { Homes } from './homes.js';
export type { GeneratedFile } from './generated-file.js';
