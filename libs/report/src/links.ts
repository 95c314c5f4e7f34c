/** Word takes a file for damaged whose links are longer than about this. */
const LONGEST = 2000;

/**
 * The address in the form a link may have, or undefined: a report is opened from the disk of whoever got it, and a name
 * somebody typed must not become something that runs (`javascript:`), reads (`file:`) or poses as another site (`user@`).
 */
export function webAddress(text: string | null): string | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  const { protocol, username, password, href } = new URL(text);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  return isWeb && username === '' && password === '' && href.length <= LONGEST ? href : undefined;
}
