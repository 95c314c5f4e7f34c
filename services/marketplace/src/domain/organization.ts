/** Who owns things. Its name is unique on the platform, so that nobody offers services in another's name. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  /** The user whose personal organization this is; null for one that people share. */
  readonly personalUserId: string | null;
  readonly createdAt: Date;
}
