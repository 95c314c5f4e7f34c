// Everything that can be done with items, by name.
import { cloneItem, createItemVersion } from './copy-item.js';
import { createItem } from './create-item.js';
import { setDatasetData } from './dataset-data.js';
import { checkItemMetadata } from './check-item-metadata.js';
import { completeItem, editItem, revertItem } from './edit-item.js';
import {
  lockItem,
  moveItemAlias,
  removeItemAlias,
  setItemAccess,
  transferItem,
  withdrawItem,
} from './govern-item.js';
import type { ItemPorts } from './item-ports.js';
import { registerJobResult } from './register-job-result.js';
import {
  cancelItemAccessRequest,
  decideItemAccess,
  linkPerson,
  requestItemAccess,
  unlinkPerson,
} from './request-access.js';

export type ItemCases = ReturnType<typeof createItemCases>;

export const createItemCases = (ports: ItemPorts) => ({
  createItem: createItem(ports),
  registerJobResult: registerJobResult(ports),
  completeItem: completeItem(ports),
  setDatasetData: setDatasetData(ports),
  editItem: editItem(ports),
  revertItem: revertItem(ports),
  createItemVersion: createItemVersion(ports),
  cloneItem: cloneItem(ports),
  lockItem: lockItem(ports, true),
  unlockItem: lockItem(ports, false),
  setItemAccess: setItemAccess(ports),
  transferItem: transferItem(ports),
  withdrawItem: withdrawItem(ports),
  moveItemAlias: moveItemAlias(ports),
  removeItemAlias: removeItemAlias(ports),
  requestItemAccess: requestItemAccess(ports),
  decideItemAccess: decideItemAccess(ports),
  cancelItemAccessRequest: cancelItemAccessRequest(ports),
  linkPerson: linkPerson(ports),
  unlinkPerson: unlinkPerson(ports),
  checkItemMetadata: checkItemMetadata(ports),
});
