/**
 * Runs every kernel, in both shapes and dtypes, under oclgrind, which reports accesses out of bounds, data races,
 * barriers that not all work-items reach, and values that were never set: `node scripts/oclgrind.mjs`.
 * A report fails its group, as does a result that is not the CPU device's. Ends with `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelsOf } from './kernels.mjs';
import { groups } from './oclgrind-cases.mjs';
import { ensureTool } from './system-packages.mjs';
import { fail } from './tools.mjs';

const cases = fileURLToPath(new URL('oclgrind-cases.mjs', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-oclgrind-'));

/**
 * Optimised code has `freeze`
 * instructions, at which oclgrind's check for values never set stops; a limit of reports keeps logs readable.
 */
const options = [
  '--data-races',
  '--uninitialized',
  '--check-api',
  ...['--build-options', '-cl-opt-disable'],
  ...['--max-errors', '20'],
  '--inst-counts',
];

/** Work-groups so small make small shapes take most ways of the wide kernels. */
const usualGroupSize = 16;

/** Resolves to the process's exit code and standard output. */
function watched(log, args, { environment, groupSize = usualGroupSize }) {
  return new Promise((resolve) => {
    const program = ensureTool('oclgrind');
    const child = spawn(
      program,
      [...options, '--max-wgsize', String(groupSize), '--log', log, process.execPath, cases, ...args],
      {
        env: { ...process.env, THALWEG_OPENCL_LIBRARY: 'liboclgrind-rt.so', ...environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ status: error.message, output }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

function linesOf(file) {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}

/** Runs one group and says how it went: its title, failures to print, and the kernels that ran. */
async function runGroup({ name, shape, dtype }) {
  const group = groups[name];
  const log = path.join(folder, `${name}.${shape}.${dtype}.log`);
  const results = path.join(folder, `${name}.${shape}.${dtype}.jsonl`);
  const start = Date.now();
  const { status, output } = await watched(log, [name, dtype, results], {
    ...group,
    environment: { THALWEG_KERNEL_SHAPE: shape, ...group.environment },
  });
  const done = linesOf(results).map((line) => JSON.parse(line));
  const kernels = [...output.matchAll(/Instructions executed for kernel '(\w+)'/gm)].map((match) => match[1]);
  const reports = linesOf(log).join('\n');
  const expected = group.shapes.length * group.works.length;
  const failures = [
    ...(reports === '' ? [] : [reports]),
    ...done.filter(({ ok }) => !ok).map((one) => `differs from the CPU device: ${JSON.stringify(one)}`),
    ...(done.length === expected && status === 0
      ? []
      : [`${done.length} of ${expected} cases, exit code ${status}`]),
  ];
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  const title = `${shape} ${dtype}: ${group.what} (${done.length} cases, ${seconds} s)`;
  console.log(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${title}`);
  for (const failure of failures) console.log(failure);
  return { shape, dtype, kernels, passed: failures.length === 0 };
}

/** Whether every kernel of the shape ran in that dtype. */
function covered(shape, dtype, finished) {
  const ran = new Set(
    finished
      .filter((group) => group.shape === shape && group.dtype === dtype)
      .flatMap(({ kernels }) => kernels),
  );
  const missing = kernelsOf(shape).filter((kernel) => !ran.has(kernel));
  console.log(`${missing.length === 0 ? 'ok    ' : 'FAILED'} ${shape} ${dtype}: ${ran.size} kernels ran`);
  if (missing.length > 0) console.log(`never launched: ${missing.join(', ')}`);
  return missing.length === 0;
}

const shapes = ['rows', 'wide'];
const dtypes = ['float32', 'float64'];
const combinations = shapes.flatMap((shape) => dtypes.map((dtype) => ({ shape, dtype })));
const queue = Object.keys(groups).flatMap((name) => combinations.map((one) => ({ name, ...one })));
const finished = [];
const worker = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    finished.push(await runGroup(next));
};
ensureTool('oclgrind');
await Promise.all(Array.from({ length: availableParallelism() }, worker));
const verdicts = [
  ...finished.map(({ passed }) => passed),
  ...combinations.map(({ shape, dtype }) => covered(shape, dtype, finished)),
];
rmSync(folder, { recursive: true });
const failed = verdicts.filter((passed) => !passed).length;
const summary = `${verdicts.length - failed} passed, ${failed} failed`;
if (failed > 0) fail(summary);
console.log(summary);
