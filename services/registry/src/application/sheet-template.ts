import { normalizeReference } from '../domain/item.js';
import { SIDES } from '../domain/model-run.js';
import {
  datasetTemplateOf,
  namedByTemplate,
  templateOf,
  TEMPLATES_OF,
  type NamedItem,
} from '../domain/model-run-rules.js';
import type { SheetTemplate } from '../domain/model-run-sheet.js';
import type { ModelRunWork } from './model-run-ports.js';

/** The columns that runs of a workflow template have; slots whose template the caller may not see have none. */
export async function sheetTemplateOf(
  tx: Pick<ModelRunWork, 'named'>,
  principals: readonly string[],
  item: NamedItem,
): Promise<SheetTemplate> {
  const known = new Map<string, NamedItem>();
  const references = [...new Set(namedByTemplate(item).map(normalizeReference))];
  for (const one of await tx.named(references, principals, null)) known.set(one.id, one).set(one.pid, one);
  const template = templateOf(item);
  return {
    pid: item.pid,
    slots: SIDES.flatMap((side) => {
      const seen = new Set<string>();
      return template[TEMPLATES_OF[side]].flatMap(({ templateId, optional }) => {
        const slot = known.get(normalizeReference(templateId));
        // Templates from before may name one by its id and again by its pid.
        if (slot?.metadata == null || seen.has(slot.id)) return [];
        seen.add(slot.id);
        return [
          {
            ...{ side, id: slot.id, pid: slot.pid, name: slot.name, optional: optional === true },
            resources: datasetTemplateOf(slot).deferredResources.map((one) => ({
              key: one.key,
              optional: one.optional === true,
            })),
          },
        ];
      });
    }),
    annotations: template.annotations ?? { required: [], optional: [] },
  };
}
