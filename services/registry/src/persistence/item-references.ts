/**
 * Nodes and the items that they mention, in the columns `node` and `target`; what nobody has registered is left out.
 * @param source the CTE that has the nodes, with normalized ids and pids in `mentions`.
 */
export const MENTIONED = (source: string): string => `
      select distinct source.node, target.node as target
      from ${source} source
      cross join unnest(source.mentions) as mentioned (reference)
      cross join lateral (
        select node from item where pid = mentioned.reference
        union all
        select i.node from node n join item i on i.node = n.id
        where n.public_id = case when mentioned.reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
          then mentioned.reference::uuid end
        limit 1
      ) target`;
