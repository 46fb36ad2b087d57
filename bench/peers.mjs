/**
 * thalweg beside its peers on the same bytes: `npm run bench:peers -- [OPTIONS]`.
 *
 * Every peer runs in a process of its own, with all cores, and its result is compared before any time counts.
 * Contenders take turns, round by round, and figures are medians. What is measured, and what is to be reached: cases.mjs.
 *
 *   --cases pass,gram   those cases alone            --list          the cases, and what each needs
 *   --sizes 8,64        of n, for passes             --mebibytes 512 of X, for passes
 *   --peers numpy,torch those peers alone            --python /usr/bin/python3
 *   --dtype float32     or float64                   --device cpu    for all cases but those of OpenCL
 *   --rounds 5          turns of each                --seconds 0.25  a turn
 *   --json              one JSON object on standard output instead of the tables
 *   --output FILE       the JSON object, to a file, besides
 */
import { writeFile } from 'node:fs/promises';
import { readArguments } from '../scripts/tools.mjs';
import { cases } from './cases.mjs';
import { runCases } from './harness/run.mjs';

const { values: options } = readArguments({
  options: {
    cases: { type: 'string' },
    list: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    mebibytes: { type: 'string', default: '512' },
    peers: { type: 'string' },
    python: { type: 'string', default: '/usr/bin/python3' },
    dtype: { type: 'string', default: 'float32' },
    device: { type: 'string', default: 'cpu' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.25' },
    json: { type: 'boolean', default: false },
    output: { type: 'string' },
  },
});

const listed = (text) => text?.split(',').map((part) => part.trim());

function chosenCases() {
  const ids = listed(options.cases);
  const unknown = ids?.find((id) => !cases.some((one) => one.id === id));
  if (unknown !== undefined) {
    console.error(`there is no case ${unknown}; there are ${cases.map(({ id }) => id).join(', ')}`);
    process.exit(2);
  }
  return cases.filter(({ id }) => ids === undefined || ids.includes(id));
}

if (options.list) {
  for (const { id, what, peers } of cases) console.log(`${id.padEnd(20)} ${what}: ${peers.join(', ')}`);
} else {
  const record = await runCases(chosenCases(), {
    dtype: options.dtype,
    device: options.device,
    sizes: listed(options.sizes)?.map(Number),
    mebibytes: Number(options.mebibytes),
    peers: listed(options.peers),
    python: options.python,
    rounds: Number(options.rounds),
    secondsPerTurn: Number(options.seconds),
    print: options.json ? () => undefined : (text) => console.log(text),
  });
  const text = JSON.stringify(record, null, 2);
  if (options.json) console.log(text);
  if (options.output !== undefined) await writeFile(options.output, `${text}\n`);
  if (Object.keys(record.failed).length > 0) process.exitCode = 1;
}
