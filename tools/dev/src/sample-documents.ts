/** The GraphQL of the first job. A client's documents: they know the graph and nothing behind it. */
const userErrors = 'userErrors { code message path }';

export const CREATE_UPLOAD = /* GraphQL */ `
  mutation Upload($input: CreateUploadInput!) { createUpload(input: $input) { upload { artifactId url } ${userErrors} } }`;

export const CREATE_SERVICE = /* GraphQL */ `
  mutation Create($input: CreateServiceInput!) { createService(input: $input) { service { id } ${userErrors} } }`;

export const ADD_VERSION = /* GraphQL */ `
  mutation Add($input: AddServiceVersionInput!) { addServiceVersion(input: $input) { serviceVersion { id } ${userErrors} } }`;

export const PUBLISH_VERSION = /* GraphQL */ `
  mutation Publish($input: PublishServiceVersionInput!) {
    publishServiceVersion(input: $input) { serviceVersion { id lifecycle } ${userErrors} }
  }`;

export const SUBMIT_JOB = /* GraphQL */ `
  mutation Submit($input: SubmitJobInput!) { submitJob(input: $input) { job { id } ${userErrors} } }`;

/** One selection, three subgraphs: the job (jobs), its service and owner (marketplace), its target (execution). */
export const JOB_CHANGED = /* GraphQL */ `
  subscription Watch($id: ID!) {
    jobChanged(id: $id) {
      seq
      transitions {
        seq
        at
        cause
        from
        to
        attempt
      }
      job {
        state
        result
        error {
          code
          message
        }
        service {
          name
        }
        owner {
          name
        }
        target {
          name
        }
      }
    }
  }
`;

export interface Watched {
  readonly jobChanged: {
    readonly seq: number;
    readonly transitions: readonly {
      readonly seq: number;
      readonly at: string;
      readonly cause: string;
      readonly from: string | null;
      readonly to: string;
      readonly attempt: number | null;
    }[];
    readonly job: {
      readonly state: string;
      readonly result: { readonly best: number; readonly x: string; readonly n: number } | null;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly service: { readonly name: string } | null;
      readonly owner: { readonly name: string } | null;
      readonly target: { readonly name: string } | null;
    };
  };
}
