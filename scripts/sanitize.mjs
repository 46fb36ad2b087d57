/**
 * Watches the addon with sanitizers:
 * `node scripts/sanitize.mjs [--bounded] [--kind KIND] [--device ID] [--seed N] [--walks N] [--no-suites]`.
 *
 * Address and undefined, in one build, watch random walks over the API (test/sanitize) on the CPU and on OpenCL, and the
 * suites below; thread watches walks on the CPU device. --bounded is the part that a check of every change has time for.
 * A walk that fails is named by its seed: --kind thread --seed 7 --walks 1 does that one again. Each report of a
 * sanitizer, in whatever process, is a failure. Ends with `N passed, N failed`.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fail, packageBin, readArguments, root, runOrExit } from './tools.mjs';
import { kinds, runWatched } from './watched.mjs';

const operations = 300;
const walkCounts = { bounded: 4, whole: 60 };

/** Lives and ends of devices, matrices, jobs and processes, drivers that fail; then the arithmetic, at shapes around every boundary. */
const suites = {
  bounded: ['test/bad-input/interruption', 'test/lifecycle/concurrency'],
  whole: ['bad-input', 'faults', 'hip', 'lifecycle', 'neuron', 'properties', 'reference'].map(
    (name) => `test/${name}/`,
  ),
};
/** Large matrices take hours unoptimised; walks have other large ones, and other counts of threads. */
const leftOut = ['test/properties/threads.test'];

const { values } = readArguments({
  options: {
    bounded: { type: 'boolean', default: false },
    kind: { type: 'string' },
    device: { type: 'string' },
    seed: { type: 'string', default: '1' },
    walks: { type: 'string' },
    'no-suites': { type: 'boolean', default: false },
  },
});
const size = values.bounded ? 'bounded' : 'whole';

function walk(kind, device, seed) {
  const log = path.join(root, 'build', 'sanitized', 'walk.log');
  rmSync(log, { force: true });
  const options = { device, seed, operations, log };
  const passed = runWatched(kind, `${operations} operations on ${device}, seed ${seed}`, [
    '--expose-gc',
    path.join('test', 'sanitize', 'walk.cjs'),
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ]);
  if (!passed && existsSync(log)) console.log(readFileSync(log, 'utf8').split('\n').slice(-20).join('\n'));
  return passed;
}

function walks(kind) {
  const devices = values.device === undefined ? kinds[kind].devices : [values.device];
  const count = Number(values.walks ?? walkCounts[size]);
  return devices.flatMap((device) => {
    if (device !== 'cpu' && process.env.THALWEG_TEST_OPENCL === 'absent') {
      console.log(`${kind}: ${device} is NOT RUN`);
      return [];
    }
    return Array.from({ length: count }, (_, i) => walk(kind, device, Number(values.seed) + i));
  });
}

function runSuites(kind) {
  // Unoptimised and watched, what takes seconds elsewhere takes minutes.
  const settings = ['--runInBand', '--testTimeout=600000', '--testPathIgnorePatterns', ...leftOut];
  return runWatched(kind, suites[size].join(', '), [packageBin('jest'), ...suites[size], ...settings]);
}

function check(kind) {
  runOrExit(process.execPath, [path.join('scripts', 'build-native.mjs'), '--sanitize', kind]);
  const verdicts = walks(kind);
  // In walks threads meet more often than in the suites, which take hours under the thread sanitizer.
  const hasSuites = kind !== 'thread' && values.walks === undefined && !values['no-suites'];
  return hasSuites ? [...verdicts, runSuites(kind)] : verdicts;
}

if (values.kind !== undefined && kinds[values.kind] === undefined) {
  fail(`--kind is ${Object.keys(kinds).join(' or ')}`, 2);
}
const verdicts = (values.kind === undefined ? Object.keys(kinds) : [values.kind]).flatMap(check);
const failed = verdicts.filter((passed) => !passed).length;
const summary = `${verdicts.length - failed} passed, ${failed} failed`;
if (failed > 0 || verdicts.length === 0) fail(summary);
console.log(summary);
