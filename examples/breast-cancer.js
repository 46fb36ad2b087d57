'use strict';
// Logistic regression: benign or malignant, from thirty measurements of cell nuclei.

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { Neuron } = require('thalweg');

const file = path.join(__dirname, 'data', 'breast-cancer.csv');
const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
const rows = lines.map((line) => line.split(',').map(Number));

/** X and y of the rows for which `keep(index)` holds. */
function part(keep) {
  const kept = rows.filter((_, i) => keep(i));
  return { X: kept.map((row) => row.slice(0, -1)), y: kept.map((row) => row.at(-1)) };
}

async function main() {
  // Every fourth tumour is kept back, to be judged unseen.
  const training = part((i) => i % 4 !== 3);
  const unseen = part((i) => i % 4 === 3);

  const neuron = new Neuron({ inputs: 30, activation: 'sigmoid' });
  const { loss, iterations } = await neuron.fit(training.X, training.y, {
    strategy: 'batch',
    learningRate: 'auto',
    iterations: 5000,
    standardize: true,
    l2: 0.01,
  });

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(`log loss, penalty included: ${loss.at(-1).toFixed(5)} after ${iterations} iterations`);
  console.log(
    `accuracy on the ${training.y.length} it learned from: ${percent(await neuron.score(training.X, training.y))}`,
  );
  console.log(`accuracy on ${unseen.y.length} unseen: ${percent(await neuron.score(unseen.X, unseen.y))}`);

  const chance = neuron.output(unseen.X[0]);
  const truth = unseen.y[0] === 1 ? 'benign' : 'malignant';
  console.log(`the first unseen tumour is benign with probability ${chance.toFixed(4)}; it was ${truth}`);
}

main();
