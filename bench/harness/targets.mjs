/**
 * What y is made of: z = XW of so many columns, and where chance has a part, draws that are uniform in [0, 1). Each gives
 * the values of a row of y.
 */

const oneOf = (weights, draw) => {
  let left = draw() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => (left -= weight) < 0),
  );
};

/** Knuth's product of uniform draws. */
function poissonDraw(mean, draw) {
  const end = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > end; count += 1) product *= 1 - draw();
  return count;
}

export const targets = {
  linear: (z) => z,
  labels: ([z]) => [z > 0 ? 1 : 0],
  classes: (z) => [z.indexOf(Math.max(...z))],
  /** Labels that no plane separates, so that there is an optimum. */
  bernoulli: ([z], draw) => [draw() * (1 + Math.exp(-z)) < 1 ? 1 : 0],
  categorical: (z, draw) => [oneOf(Array.from(z, Math.exp), draw)],
  poisson: ([z], draw) => [poissonDraw(Math.exp(z / 2), draw)],
};
