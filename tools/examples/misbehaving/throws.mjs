/** Fails with an exception two calls deep: its traceback belongs in the log. */
const divide = (a, b) => {
  if (b === 0) throw new RangeError(`cannot divide ${a} by zero`);
  return a / b;
};

export function run(data) {
  console.log('about to fail');
  return divide(data?.a ?? 1, 0);
}
