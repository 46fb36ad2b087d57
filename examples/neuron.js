'use strict';
// A neuron puts a weighted sum of its inputs through an activation: φ(w·x + b).

const { Neuron, linear, sigmoid, tanh, relu, softplus, exp } = require('thalweg');

const neuron = new Neuron({ weights: [0.5, -0.5], bias: 0, activation: 'sigmoid' });
const x = [1, 2];
console.log('a sigmoid with weights 0.5 and -0.5, and bias 0');
console.log(`  w·x + b = ${0.5 * 1 - 0.5 * 2}`);
console.log(`  output  = ${neuron.output(x).toFixed(6)}`);

const activations = [linear, sigmoid, tanh, relu, softplus, exp];
const points = [-2, -1, 0, 1, 2];

function table(title, valueAt) {
  console.log(`\n${title.padEnd(9)}${points.map((z) => `z = ${z}`.padStart(9)).join('')}`);
  for (const phi of activations) {
    const values = points.map((z) => valueAt(phi, z).toFixed(4).padStart(9));
    console.log(phi.name.padEnd(9) + values.join(''));
  }
}

table('φ(z)', (phi, z) => phi(z));
table("φ'(z)", (phi, z) => phi.derivative(z));
