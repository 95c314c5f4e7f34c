/** Takes memory outside the JavaScript heap, 32 MiB at a time, and touches every page of it. */
export function run() {
  const kept = [];
  for (;;) kept.push(Buffer.alloc(32 * 1024 * 1024, 1));
}
