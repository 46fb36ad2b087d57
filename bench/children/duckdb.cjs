'use strict';
// A whole process of DuckDB: loads a table as it understands it, and aggregates every column.

const { DuckDBInstance, version } = require('@duckdb/node-api');

async function main() {
  const request = JSON.parse(process.argv[2]);
  if (request.do === 'about') return { duckdb: version() };
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
  const columns =
    request.features === undefined ? '*' : [...request.features, request.target].map((name) => `"${name}"`);
  await connection.run(`CREATE TABLE t AS SELECT ${columns} FROM '${request.file}'`);
  const types = await rows('DESCRIBE t');
  const aggregates = types.map(([name, type]) =>
    /DOUBLE|INT/.test(type)
      ? `avg("${name}")`
      : /DATE|TIME/.test(type)
        ? `max("${name}")`
        : `count(DISTINCT "${name}")`,
  );
  const [[count]] = await rows(`SELECT count(*), ${aggregates.join(', ')} FROM t`);
  return { rows: Number(count) };
}

main().then((answer) => console.log(JSON.stringify(answer)));
