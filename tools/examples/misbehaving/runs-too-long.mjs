/** Never ends and never listens: only its time limit ends it. */
export function run() {
  console.log('working for ever');
  for (;;);
}
