import type {
  ArtifactStored,
  DataPoolChanged,
  DataPoolFileChanged,
  DatasetFileChanged,
  ServiceVersionChanged,
  TargetChanged,
} from '@weft/contracts';
import type { Checking } from './checking.js';
import type { Ports } from './ports.js';
import { resolveReferences } from './resolve-references.js';

/** Keeps the small copies that submissions are checked against; then whoever waited for them goes on. */
export interface LearnReferences {
  serviceVersion(fact: ServiceVersionChanged): Promise<void>;
  target(fact: TargetChanged): Promise<void>;
  artifact(fact: ArtifactStored): Promise<void>;
  dataPool(fact: DataPoolChanged): Promise<void>;
  dataPoolFile(fact: DataPoolFileChanged): Promise<void>;
  datasetFile(fact: DatasetFileChanged): Promise<void>;
}

export function learnReferences(ports: Ports, checking: Checking): LearnReferences {
  return {
    async serviceVersion(fact) {
      await ports.transact((tx) =>
        tx.references.keepServiceVersion({
          id: fact.serviceVersionId,
          seq: fact.seq,
          serviceId: fact.serviceId,
          organizationId: fact.organizationId,
          name: fact.serviceName,
          version: fact.version,
          lifecycle: fact.lifecycle,
          codeArtifactId: fact.code.artifactId,
          runtime: fact.code.runtime,
          dataSchema: fact.dataSchema ?? null,
          paramsSchema: fact.paramsSchema ?? null,
        }),
      );
      await resolveReferences(ports, checking);
    },
    async target(fact) {
      await ports.transact((tx) =>
        tx.references.keepTarget({
          id: fact.targetId,
          seq: fact.seq,
          organizationId: fact.organizationId,
          name: fact.name,
          kinds: fact.kinds,
          runtimes: fact.runtimes,
          limits: fact.limits,
          sizes: fact.sizes ?? [],
          images: fact.images ?? [],
          cancelsRunning: fact.cancelsRunning,
          status: fact.status,
          statusReason: fact.statusReason,
        }),
      );
      await resolveReferences(ports, checking);
    },
    async artifact(fact) {
      await ports.transact((tx) =>
        tx.references.keepArtifact({
          id: fact.artifactId,
          organizationId: fact.organizationId,
          size: fact.size,
          sha256: fact.sha256,
        }),
      );
      await resolveReferences(ports, checking);
    },
    async dataPool(fact) {
      await ports.transact((tx) => tx.references.keepDataPool(fact));
      await resolveReferences(ports, checking);
    },
    async dataPoolFile(fact) {
      await ports.transact((tx) => tx.references.keepDataPoolFile(fact));
      await resolveReferences(ports, checking);
    },
    async datasetFile(fact) {
      await ports.transact((tx) => tx.references.keepDatasetFile(fact));
      await resolveReferences(ports, checking);
    },
  };
}
