import type { Outcome } from '@weft/errors';
import { ofArguments, payload } from '@weft/subgraph';
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { KeptFile } from '../application/fill-data-pool.js';
import type { KeptDataPool } from '../application/keep-data-pool.js';
import {
  AddDataPoolFileInputType,
  CreateDataPoolInputType,
  DecideDataPoolReleaseInputType,
  DeleteDataPoolInputType,
  RemoveDataPoolFileInputType,
  RequestDataPoolReleaseInputType,
  SaveJobResultInputType,
  SetDataPoolAccessInputType,
  TransferDataPoolInputType,
  UpdateDataPoolInputType,
} from './data-pool.input.js';
import { DataPoolFilePayload, DataPoolPayload, DeleteDataPoolPayload } from './data-pool.type.js';
import { grantOfInput } from './item.input.js';
import type { RegistryContext } from './registry-context.js';

/** The pool as it is after the change: read anew, for the request may have read it before. */
async function changed(
  { dataPools }: RegistryContext,
  outcome: Promise<Outcome<KeptDataPool>>,
): Promise<object> {
  const settled = await outcome;
  dataPools.forget();
  const dataPool = settled.ok ? await dataPools.pool(settled.value.dataPoolId) : null;
  return payload(Promise.resolve(settled), () => ({ dataPool }));
}

async function filled({ dataPools }: RegistryContext, outcome: Promise<Outcome<KeptFile>>): Promise<object> {
  const settled = await outcome;
  dataPools.forget();
  if (!settled.ok) return payload(Promise.resolve(settled), () => ({}));
  const { dataPoolId, fileId } = settled.value;
  const [dataPool, file] = await Promise.all([dataPools.pool(dataPoolId), dataPools.file(fileId)]);
  return payload(Promise.resolve(settled), () => ({ dataPool, file }));
}

@Resolver()
export class DataPoolMutations {
  @Mutation(() => DataPoolPayload, {
    description:
      'Makes a data pool: members of the organization read it, its maintainers write it. At most 1 000 an organization; CONFLICT beyond. Needs the role MAINTAINER.',
  })
  createDataPool(
    @Arg('input', () => CreateDataPoolInputType, { description: 'The new pool.' })
    input: CreateDataPoolInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.dataPoolCases.createDataPool(context, input));
  }

  @Mutation(() => DataPoolPayload, {
    description:
      'Changes what is said of a data pool, also of a released or sealed one. Needs METADATA_WRITE.',
  })
  updateDataPool(
    @Arg('input', () => UpdateDataPoolInputType, { description: 'The change.' })
    input: UpdateDataPoolInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.dataPoolCases.updateDataPool(context, input));
  }

  @Mutation(() => DeleteDataPoolPayload, {
    description:
      'Deletes a data pool for good, with its files. DATA_POOL_SEALED for a sealed one, DATA_POOL_LOCKED for one that is released or under review. Needs ADMIN.',
  })
  async deleteDataPool(
    @Arg('input', () => DeleteDataPoolInputType, { description: 'Which pool, and why.' })
    input: DeleteDataPoolInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = context.dataPoolCases.deleteDataPool(context, input);
    return payload(outcome, ({ dataPoolId }) => ({ deletedId: dataPoolId }));
  }

  @Mutation(() => DataPoolPayload, {
    description:
      'Says who may do what with a data pool, in the place of what was said before; with the content of its files a moment later. Needs ADMIN.',
  })
  setDataPoolAccess(
    @Arg('input', () => SetDataPoolAccessInputType, { description: 'The grants.' })
    { id, grants }: SetDataPoolAccessInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const given = grants.map(grantOfInput);
    return changed(context, context.dataPoolCases.setDataPoolAccess(context, { id, grants: given }));
  }

  @Mutation(() => DataPoolPayload, {
    description:
      'Gives a data pool with its files to another organization, to another owner, or both; what the old organization was granted ends. DATA_POOL_LOCKED under review. Needs ADMIN.',
  })
  transferDataPool(
    @Arg('input', () => TransferDataPoolInputType, { description: 'To whom.' })
    input: TransferDataPoolInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.dataPoolCases.transferDataPool(context, input));
  }

  @Mutation(() => DataPoolFilePayload, {
    description:
      'Puts a stored file into a data pool. Under a name that is there already, it is the next version; the same file again changes nothing. At most 10 000 files a pool, earlier versions counted; CONFLICT beyond. Needs DATA_WRITE.',
  })
  addDataPoolFile(
    @Arg('input', () => AddDataPoolFileInputType, { description: 'The file.' })
    input: AddDataPoolFileInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return filled(context, context.dataPoolCases.addDataPoolFile(context, input));
  }

  @Mutation(() => DataPoolFilePayload, {
    description:
      'Puts the result of an item of a job into a data pool, with its provenance: the file is the very result. Only results that are files; a value is BAD_USER_INPUT. Needs DATA_WRITE, and the role MAINTAINER in the organization of the job when the pool is not of it.',
  })
  saveJobResultToDataPool(
    @Arg('input', () => SaveJobResultInputType, { description: 'Which result, and where to.' })
    input: SaveJobResultInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return filled(context, context.dataPoolCases.saveJobResultToDataPool(context, input));
  }

  @Mutation(() => DataPoolPayload, {
    description: 'Takes a file out of a data pool, with its earlier versions. Needs DATA_WRITE.',
  })
  removeDataPoolFile(
    @Arg('input', () => RemoveDataPoolFileInputType, { description: 'Which file.' })
    input: RemoveDataPoolFileInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.dataPoolCases.removeDataPoolFile(context, input));
  }

  @Mutation(() => DataPoolPayload, {
    description: 'Lets go of the earlier versions of all files of a data pool. Needs DATA_WRITE.',
  })
  pruneDataPool(
    @Arg('id', () => ID, { description: 'Id of the data pool.' }) id: string,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, ofArguments(context.dataPoolCases.pruneDataPool(context, { id })));
  }

  @Mutation(() => DataPoolPayload, {
    description:
      'Asks a reviewer to release a data pool that has files; until he decides, they stay as they are. Needs ADMIN.',
  })
  requestDataPoolRelease(
    @Arg('input', () => RequestDataPoolReleaseInputType, { description: 'Whom.' })
    input: RequestDataPoolReleaseInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.dataPoolCases.requestDataPoolRelease(context, input));
  }

  @Mutation(() => DataPoolPayload, {
    description:
      'Releases a data pool or not. The reviewer decides, or an OWNER of the organization, who may read the data; nobody approves what he asked for himself, but in his personal organization. Who asked may take it back (`approve: false`). Released, the pool is registered in provenance with its files as members.',
  })
  decideDataPoolRelease(
    @Arg('input', () => DecideDataPoolReleaseInputType, { description: 'The decision.' })
    input: DecideDataPoolReleaseInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.dataPoolCases.decideDataPoolRelease(context, input));
  }

  @Mutation(() => DataPoolPayload, {
    description:
      'Seals a data pool that has files: they stay as they are for ever, and the pool cannot be deleted; earlier versions are let go. It is registered in provenance with its files as members. Cannot be undone; may be repeated. Needs ADMIN.',
  })
  sealDataPool(
    @Arg('id', () => ID, { description: 'Id of the data pool.' }) id: string,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, ofArguments(context.dataPoolCases.sealDataPool(context, { id })));
  }
}
