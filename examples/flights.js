'use strict';
// Three million flights, streamed into the device's memory: the rows are never whole in JavaScript.
// Needs the packages @duckdb/node-api, which reads the Parquet file, and vega-datasets, which has it.

const path = require('node:path');
const { batchGradientDescent, openDevice } = require('thalweg');

/** What this example needs besides thalweg. */
function needed(load) {
  try {
    return load();
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    console.error(
      `${error.message.split('\n')[0]}\nThis example needs more packages: npm install @duckdb/node-api vega-datasets`,
    );
    process.exit(1);
  }
}

const { DuckDBInstance } = needed(() => require('@duckdb/node-api'));
const datasets = path.dirname(needed(() => require.resolve('vega-datasets')));
const file = path.join(datasets, '../data/flights-3m.parquet');

// Delays build up over the day, which at an airport begins about five in the morning.
const names = ['hours since 5 o’clock', 'thousand miles', 'weekend'];
const query = `
  SELECT ((hour(date) + 19) % 24)::DOUBLE, distance / 1000.0::DOUBLE, (dayofweek(date) IN (0, 6))::DOUBLE, delay::DOUBLE
  FROM '${file}' WHERE delay IS NOT NULL AND distance IS NOT NULL`;

/** The rows' features, block by block; the delays go into `y` on the way. */
async function* blocks(connection, y) {
  const result = await connection.stream(query);
  let row = 0;
  for (let chunk = await result.fetchChunk(); chunk?.rowCount > 0; chunk = await result.fetchChunk()) {
    const [hours, miles, weekend, delays] = [0, 1, 2, 3].map((column) => chunk.getColumnValues(column));
    const X = new Float64Array(names.length * chunk.rowCount);
    for (let i = 0; i < chunk.rowCount; i += 1) X.set([hours[i], miles[i], weekend[i]], names.length * i);
    y.set(delays, row);
    row += chunk.rowCount;
    yield X;
  }
}

async function main() {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM (${query})`);
  const rows = counted.getRows()[0][0];

  const device = await openDevice();
  const y = new Float64Array(rows);
  const X = await device.matrix({
    shape: [rows, names.length],
    dtype: device.info.float64 ? 'float64' : 'float32',
    chunks: blocks(connection, y),
  });

  // One pass over the rows gives XᵀX; twenty thousand iterations on that cost next to nothing.
  const { theta, intercept, loss, plan } = await batchGradientDescent(X, y, {
    learningRate: 'auto',
    iterations: 20000,
    fitIntercept: true,
    plan: 'gram',
  });
  console.log(`${rows} flights on ${device.info.name} (${device.id}), plan ${plan}`);
  names.forEach((name, j) => console.log(`${name.padEnd(24)}${theta[j].toFixed(4).padStart(9)} minutes`));
  console.log(`${'(intercept)'.padEnd(24)}${intercept.toFixed(4).padStart(9)} minutes`);
  console.log(`typical error: ${Math.sqrt(loss.at(-1)).toFixed(2)} minutes`);

  await device.close();
  connection.closeSync();
  database.closeSync();
}

main();
