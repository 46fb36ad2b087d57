'use strict';
// A gradient needs no formula: the difference of two values nearby will do, for a start.

const { gradient, gradientDescent } = require('thalweg');

const square = (x) => x ** 2;
console.log('f(x) = x²');
for (const x of [-3, 0, 3]) console.log(`  slope at ${x}: ${gradient(square, x).toFixed(4)}`);

// Each step of 0.1 against the slope 2x leaves 0.8 of x.
console.log('\ndescending from x = 3');
for (const iterations of [1, 2, 10, 100]) {
  const x = gradientDescent(square, 3, { learningRate: 0.1, iterations });
  console.log(`  after ${String(iterations).padStart(3)} steps: x = ${x.toExponential(4)}`);
}

const bowl = ([x, y]) => x ** 2 + y ** 2;
const show = (point) => `(${point.map((value) => value.toFixed(4)).join(', ')})`;
console.log('\nf(x, y) = x² + y²');
console.log(`  gradient at (3, 4): ${show(gradient(bowl, [3, 4]))}`);
console.log(
  `  20 steps from (-3, 4): ${show(gradientDescent(bowl, [-3, 4], { learningRate: 0.1, iterations: 20 }))}`,
);
