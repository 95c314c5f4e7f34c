/** A file that is committed and yet written by this tool; its path is relative to the workspace. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}
