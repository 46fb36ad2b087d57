'use strict';
// Linear regression: how far a patient's diabetes goes within a year, from ten measurements.

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { Neuron } = require('thalweg');

const file = path.join(__dirname, 'data', 'diabetes.csv');
const [header, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
const names = header.split(',').slice(0, -1);
const rows = lines.map((line) => line.split(',').map(Number));
const X = rows.map((row) => row.slice(0, -1));
const y = rows.map((row) => row.at(-1));

async function main() {
  const neuron = new Neuron({ inputs: names.length });
  const descent = await neuron.fit(X, y, {
    strategy: 'batch',
    learningRate: 'auto',
    iterations: 20000,
    standardize: true,
  });
  console.log(`${rows.length} patients, ${descent.iterations} iterations on ${descent.device}`);
  console.log(`R² = ${(await neuron.score(X, y)).toFixed(4)}`);

  // The weights apply to the measurements as they are: no scaling to remember.
  names.forEach((name, j) => console.log(`${name.padEnd(15)}${neuron.weights[j].toFixed(4).padStart(10)}`));
  console.log(`${'(bias)'.padEnd(15)}${neuron.bias.toFixed(4).padStart(10)}`);
}

main();
