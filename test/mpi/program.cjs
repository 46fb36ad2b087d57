'use strict';

/**
 * What `mpirun` runs in the suites: `node program.cjs CASES.json`. Makes the calls of the file one after the other, each rank
 * with its share of the rows, and adds a line of JSON for each to CASES.json.RANK: what came out there.
 */
const { appendFileSync, readFileSync } = require('node:fs');
const path = require('node:path');
const dist = path.join(__dirname, '..', '..', 'dist');
const thalweg = require(path.join(dist, 'index.js'));
const { world } = require(path.join(dist, 'mpi', 'index.js'));
const { make } = require('./calls.cjs');
const { sampleOf } = require('./data.cjs');

async function main() {
  const file = process.argv[2];
  const cases = JSON.parse(readFileSync(file, 'utf8'));
  for (const each of cases) {
    const description = { ...each, columns: each.data.columns, outputs: each.data.outputs };
    const found = await make(thalweg, sampleOf(each, world), description, world);
    appendFileSync(
      `${file}.${world.rank}`,
      `${JSON.stringify({ name: each.name, rank: world.rank, ...found })}\n`,
    );
  }
}

void main();
