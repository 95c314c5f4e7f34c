const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids come from clients: what is no UUID matches nothing, instead of being an error of the database. */
export const isUuid = (value: string): boolean => UUID.test(value);

export const uuidsOf = (values: readonly string[]): string[] => values.filter(isUuid);
