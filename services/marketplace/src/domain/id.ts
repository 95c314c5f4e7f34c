const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether the text can be the id of anything here. What is not an id names nothing, so it is not found rather than malformed. */
export const isId = (text: string): boolean => UUID.test(text);

/** An id that nothing has: stands for a viewer who is no user and therefore a member of nothing. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';
