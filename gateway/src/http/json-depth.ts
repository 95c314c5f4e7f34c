/** Values are walked by recursion on their way (JSON.stringify, JSON Schema, hashes); deeper ones would end in its overflow. */
export const MAX_NESTING = 200;

/** Whether the JSON text nests lists and objects deeper than is allowed. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = endOfString(json, at);
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > MAX_NESTING) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}

/** Where the string ends that begins here. */
export function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let escapes = 0;
    while (json[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return json.length;
}
