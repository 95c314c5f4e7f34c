// What a viewer may see, as conditions of the query itself. Each takes the parameter :viewer.

export const isMemberOf = (organizationId: string): string =>
  `exists (select 1 from member seen where seen.organization_id = ${organizationId} and seen.user_id = :viewer)`;

/** Members see every service of their organization, everybody those with something published. */
export const serviceIsVisible = (service: string): string =>
  `(${isMemberOf(`${service}.organization_id`)}
    or exists (select 1 from service_version shown where shown.service_id = ${service}.id and shown.lifecycle = 'PUBLISHED'))`;

export const versionIsVisible = (version: string): string =>
  `(${version}.lifecycle = 'PUBLISHED'
    or exists (select 1 from service owned where owned.id = ${version}.service_id and ${isMemberOf('owned.organization_id')}))`;

/** Oneself, and whoever shares an organization. */
export const userIsVisible = (user: string): string =>
  `(${user}.id = :viewer or exists (
    select 1 from member theirs join member mine on mine.organization_id = theirs.organization_id
    where theirs.user_id = ${user}.id and mine.user_id = :viewer))`;
