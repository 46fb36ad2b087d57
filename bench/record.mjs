/**
 * The whole measurement, for docs/benchmarks.md: `npm run bench:record -- [--dtype float64] [--python PROGRAM]`. Every case
 * beside every peer, then `thalweg bench` of every device; some 12 minutes, on a machine that does nothing else. The result
 * goes to bench/results/, a file a processor, from which `npm run bench:docs` makes tables and charts. With `--cases A,B`
 * those alone are measured anew, and the others stay as they were recorded.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { fail, readArguments, root } from '../scripts/tools.mjs';
import { cases } from './cases.mjs';
import { keep, recorded } from './harness/results.mjs';
import { runCases } from './harness/run.mjs';

const { values: options } = readArguments({
  options: {
    cases: { type: 'string' },
    dtype: { type: 'string', default: 'float32' },
    python: { type: 'string', default: '/usr/bin/python3' },
    mebibytes: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.2' },
  },
});

/** What the shipped command says of every device, shorter than by itself. */
async function benchDevices() {
  const program = path.join(root, 'dist', 'cli', 'main.js');
  const args = [program, 'bench', '--json', '--dtype', options.dtype];
  const pace = ['--mebibytes', options.mebibytes, '--seconds', String(Number(options.seconds) / 2)];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...pace], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

const chosen = options.cases?.split(',') ?? cases.map(({ id }) => id);
const unknown = chosen.find((id) => !cases.some((one) => one.id === id));
if (unknown !== undefined) fail(`there is no case ${unknown}`, 2);
const before = options.cases === undefined ? undefined : await recorded(options.dtype);

/** What was recorded before of the cases that were not chosen, and this run's, in the order of the list. */
function merged(now) {
  if (before === undefined) return now;
  const results = [...before.results.filter((one) => !chosen.includes(one.case)), ...now.results];
  const place = (one) => cases.findIndex(({ id }) => id === one.case);
  const peers = { ...before.versions.peers, ...now.versions.peers };
  return {
    ...now,
    versions: { ...now.versions, peers },
    bench: before.bench,
    results: results.sort((a, b) => place(a) - place(b)),
  };
}

const now = await runCases(
  cases.filter(({ id }) => chosen.includes(id)),
  {
    dtype: options.dtype,
    device: 'cpu',
    mebibytes: Number(options.mebibytes),
    python: options.python,
    rounds: Number(options.rounds),
    secondsPerTurn: Number(options.seconds),
    print: (text) => console.log(text),
  },
);
const record = merged(now);
if (record.bench === undefined) {
  console.log('\nthalweg bench…');
  record.bench = await benchDevices();
}
console.log(`\nkept in ${path.relative(root, await keep(record))}; npm run bench:docs makes the documents`);
if (Object.keys(record.failed).length > 0) process.exitCode = 1;
