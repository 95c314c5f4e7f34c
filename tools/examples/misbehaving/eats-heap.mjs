/** Takes memory inside the JavaScript heap until the engine gives up. */
export function run() {
  const kept = [];
  for (;;) kept.push(new Array(1_000).fill(kept.length));
}
