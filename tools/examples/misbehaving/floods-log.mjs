/** Writes to its log without end. */
export function run() {
  const line = 'the same line again and again '.repeat(30);
  for (;;) console.log(line);
}
