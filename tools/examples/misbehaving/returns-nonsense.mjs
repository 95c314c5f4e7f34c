/** Returns a value that JSON cannot hold. */
export function run() {
  const circle = {};
  circle.self = circle;
  return circle;
}
