import { buildFederatedSchema, type FederatedSchema } from '@weft/subgraph';
import { isItem } from '../domain/node.js';
import { ActivityResolver } from './activity.resolver.js';
import { AgentResolver } from './agent.resolver.js';
import {
  AccessRequestResolver,
  ActivityWorkflowResolver,
  AliasResolver,
  ItemFieldsResolver,
} from './item-fields.resolver.js';
import { ArchivesOfJobResolver, ArchivesOfWorkflowResolver } from './archive-list.resolver.js';
import { CrateResolver } from './crate.resolver.js';
import { ExportResolver } from './export.resolver.js';
import { ItemLiveResolver } from './item-live.resolver.js';
import { DataPoolChangeResolver } from './data-pool-change.resolver.js';
import { DataPoolMutations } from './data-pool.mutations.js';
import {
  DataPoolFileResolver,
  DataPoolResolver,
  DataPoolsOfOrganizationResolver,
  DataPoolSourceResolver,
} from './data-pool.resolver.js';
import { ItemMutations } from './item.mutations.js';
import { ItemResolver } from './item.resolver.js';
import { ItemSearchResolver } from './item-search.resolver.js';
import { ItemTypeResolver } from './item-type.resolver.js';
import { JobProvenanceResolver, JobResolver } from './job.resolver.js';
import { LineageDocumentResolver, LineagePathDocumentResolver } from './lineage-document.resolver.js';
import {
  LineageConnectionResolver,
  LineageCountsResolver,
  LineageLinkResolver,
  NodeLineageResolver,
} from './lineage.resolver.js';
import { ModelRunBatchResolver, ModelRunRowResolver } from './model-run-batch.resolver.js';
import { WorkflowType } from './foreign.type.js';
import { ImpactResolver, ModelRunChangeResolver } from './model-run-change.resolver.js';
import { ModelRunMutations } from './model-run.mutations.js';
import { ModelRunResolver } from './model-run.resolver.js';
import {
  ArtifactProvenanceResolver,
  ServiceVersionProvenanceResolver,
  TargetProvenanceResolver,
} from './named-nodes.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { ActivityType, AgentType, ItemType } from './node.type.js';
import { OrganizationResolver } from './organization.resolver.js';
import { ProvDocumentResolver } from './prov-document.resolver.js';
import { ItemRecordsResolver, RecordResolver } from './record.resolver.js';
import type { RegistryContext } from './registry-context.js';
import { ItemReportsResolver, ReportResolver } from './report.resolver.js';
import {
  SavedResultResolver,
  SavedResultsOfJobResolver,
  SavedResultsOfPoolResolver,
} from './saved-result.resolver.js';

const idOf = (reference: Record<string, unknown>): string => String(reference['id']);

const pointerOf = (reference: Record<string, unknown>): { readonly id: string } => ({ id: idOf(reference) });

/** The registry's subgraph. Needs neither database nor broker: resolvers take everything from the request's context. */
export const buildRegistrySchema = (): Promise<FederatedSchema> =>
  buildFederatedSchema<RegistryContext>({
    resolvers: [
      new NodeResolver(),
      new NodeLineageResolver(),
      new LineageConnectionResolver(),
      new LineageCountsResolver(),
      new LineageLinkResolver(),
      new LineageDocumentResolver(),
      new LineagePathDocumentResolver(),
      new ItemResolver(),
      new ItemFieldsResolver(),
      new ItemTypeResolver(),
      new ItemSearchResolver(),
      new ItemMutations(),
      new ItemLiveResolver(),
      new ModelRunResolver(),
      new ModelRunMutations(),
      new ImpactResolver(),
      new ModelRunChangeResolver(),
      new ModelRunBatchResolver(),
      new ModelRunRowResolver(),
      new ActivityWorkflowResolver(),
      new AliasResolver(),
      new AccessRequestResolver(),
      new ActivityResolver(),
      new AgentResolver(),
      new JobResolver(),
      new JobProvenanceResolver(),
      new ArtifactProvenanceResolver(),
      new ServiceVersionProvenanceResolver(),
      new TargetProvenanceResolver(),
      new OrganizationResolver(),
      new ProvDocumentResolver(),
      new RecordResolver(),
      new ItemRecordsResolver(),
      new ExportResolver(),
      new CrateResolver(),
      new ArchivesOfJobResolver(),
      new ArchivesOfWorkflowResolver(),
      new DataPoolResolver(),
      new DataPoolChangeResolver(),
      new DataPoolFileResolver(),
      new DataPoolSourceResolver(),
      new DataPoolsOfOrganizationResolver(),
      new DataPoolMutations(),
      new SavedResultResolver(),
      new SavedResultsOfJobResolver(),
      new SavedResultsOfPoolResolver(),
      new ReportResolver(),
      new ItemReportsResolver(),
    ],
    orphanedTypes: [ItemType, ActivityType, AgentType, WorkflowType],
    references: {
      Item: async (reference, { provenance }) => {
        const node = await provenance.node(idOf(reference));
        return node !== null && isItem(node) ? node : null;
      },
      DataPool: (reference, { dataPools }) => dataPools.pool(idOf(reference)),
      DataPoolFile: (reference, { dataPools }) => dataPools.file(idOf(reference)),
      // Whether the caller may see these is for their owners to say; the fields added here are scoped by themselves.
      Job: pointerOf,
      Organization: pointerOf,
      Artifact: pointerOf,
      ServiceVersion: pointerOf,
      Target: pointerOf,
      Workflow: pointerOf,
    },
  });
