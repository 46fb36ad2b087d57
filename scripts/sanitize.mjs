/**
 * Watches the addon with sanitizers: `node scripts/sanitize.mjs [--bounded] [--kind KIND] [--seed N] [--walks N]`.
 *
 * Address and undefined, in one build, watch random walks over the API (test/sanitize) on the CPU and on OpenCL, and the
 * suites below; thread watches walks on the CPU device. --bounded is the part that a check of every change has time for.
 * A walk that fails is named by its seed: --kind thread --seed 7 --walks 1 does that one again. Each report of a
 * sanitizer, in whatever process, is a failure. Ends with `N passed, N failed`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sanitizedFolder } from './sanitizers.mjs';
import { fail, findProgram, packageBin, readArguments, root, runOrExit } from './tools.mjs';

/** Lives and ends of devices, matrices, jobs and processes; then the arithmetic, at shapes around every boundary. */
const suites = {
  bounded: ['test/bad-input/interruption.test.ts', 'test/lifecycle/concurrency.test.ts'],
  whole: ['test/bad-input', 'test/lifecycle', 'test/reference', 'test/properties', 'test/neuron'],
};

/**
 * Node itself is no part of this, so leaks are not looked for: it frees little before it exits. PoCL's threads end on
 * stacks that the alternate signal stack would be freed from twice.
 */
const kinds = {
  'address,undefined': {
    libraries: ['libasan.so', 'libubsan.so'],
    devices: ['cpu', 'opencl:0'],
    suites: true,
    walks: { bounded: 4, whole: 60 },
    options: { ASAN_OPTIONS: 'detect_leaks=0:use_sigaltstack=0', UBSAN_OPTIONS: 'print_stacktrace=1' },
  },
  thread: {
    libraries: ['libtsan.so'],
    devices: ['cpu'],
    suites: false,
    walks: { bounded: 6, whole: 60 },
    options: {
      // At process.exit a device's thread has ended and is not joined: the JavaScript object that owns it stays.
      TSAN_OPTIONS: `exitcode=0:report_thread_leaks=0:suppressions=${path.join(root, 'test', 'sanitize', 'thread.supp')}`,
    },
    // A driver is compiled without the sanitizer, which so reports what its threads do in good order.
    environment: { THALWEG_OPENCL_LIBRARY: 'none', THALWEG_HIP_LIBRARY: 'none' },
  },
};
const operations = 300;
const compiler = process.env.CXX ?? 'c++';
const reports = path.join(root, 'build', 'sanitized', 'reports');

const { values } = readArguments({
  options: {
    bounded: { type: 'boolean', default: false },
    kind: { type: 'string' },
    device: { type: 'string' },
    seed: { type: 'string', default: '1' },
    walks: { type: 'string' },
  },
});
const size = values.bounded ? 'bounded' : 'whole';
const verdicts = [];

/** The runtime library of a sanitizer, as the compiler that built the addon names it. */
function libraryPath(name) {
  const found = execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return path.isAbsolute(found) ? found : fail(`the compiler has no ${name}, which comes with GCC`);
}

/** Reports go to files, since the suites' programs have their errors read and compared. */
function environmentOf(kind) {
  const { libraries, options, environment } = kinds[kind];
  const symbolizer = findProgram('addr2line');
  const more = [
    `log_path=${path.join(reports, 'report')}`,
    ...(symbolizer === undefined ? [] : [`external_symbolizer_path=${symbolizer}`, 'allow_addr2line=1']),
  ];
  return {
    ...process.env,
    ...environment,
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [name, [value, ...more].join(':')])),
    // The C++ library too: its throw is wrapped when the sanitizer starts, and not when the addon comes to be loaded.
    LD_PRELOAD: [...libraries, 'libstdc++.so.6'].map(libraryPath).join(' '),
    THALWEG_PREBUILD: sanitizedFolder(kind),
    THALWEG_CACHE: path.join(root, 'build', 'test', 'cache'),
  };
}

/** Whether a frame of the addon is the innermost, but for those of the libraries below, in one of a report's stacks. */
function isOurs(report) {
  const stacks = report
    .split(/\n\s*\n/)
    .filter((stack) => !/^\s*(Thread T|Location is|As if|Mutex)/.test(stack));
  return stacks.some((stack) => {
    const frames = stack.split('\n').filter((line) => /^\s*#\d+ /.test(line));
    return frames.find((frame) => !/\((libtsan|libstdc\+\+|libc)\.so/.test(frame))?.includes('(thalweg.node');
  });
}

/**
 * The reports that were left, but for the thread sanitizer's on what Node alone does, which is compiled without it, be it
 * in a call of ours.
 */
function reportsFound() {
  const texts = readdirSync(reports).map((file) => readFileSync(path.join(reports, file), 'utf8'));
  return texts
    .flatMap((text) => text.split(/^={18,}$/m))
    .filter((part) =>
      part.includes('ThreadSanitizer') ? part.includes('WARNING:') && isOurs(part) : part.trim() !== '',
    );
}

/** Runs Node with the sanitizer in it. That of threads, in older compilers, needs addresses where it expects them. */
function runWatched(kind, title, args) {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const setarch = findProgram('setarch');
  const command = [...(setarch === undefined ? [] : [setarch, '-R']), process.execPath, ...args];
  const start = Date.now();
  const { status, signal } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environmentOf(kind),
    timeout: 1_800_000,
  });
  const found = reportsFound();
  found.forEach((report) => console.log(report));
  const ending = signal ?? `exit code ${status}`;
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  const details = `${ending}, ${found.length} reports, ${seconds} s`;
  const passed = status === 0 && found.length === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${kind}: ${title} (${details})`);
  verdicts.push(passed);
  return passed;
}

function walk(kind, device, seed) {
  const log = path.join(root, 'build', 'sanitized', 'walk.log');
  rmSync(log, { force: true });
  const args = ['--expose-gc', path.join('test', 'sanitize', 'walk.cjs'), '--device', device, '--log', log];
  const title = `${operations} operations on ${device}, seed ${seed}`;
  if (runWatched(kind, title, [...args, '--seed', seed, '--operations', operations])) return;
  if (existsSync(log)) console.log(readFileSync(log, 'utf8').split('\n').slice(-20).join('\n'));
}

function check(kind) {
  const { devices, walks, suites: hasSuites } = kinds[kind];
  runOrExit(process.execPath, [path.join('scripts', 'build-native.mjs'), '--sanitize', kind]);
  const chosen = values.device === undefined ? devices : [values.device];
  for (const device of chosen) {
    if (device !== 'cpu' && process.env.THALWEG_TEST_OPENCL === 'absent') {
      console.log(`${kind}: ${device} is NOT RUN`);
      continue;
    }
    for (let i = 0; i < Number(values.walks ?? walks[size]); i += 1) {
      walk(kind, device, String(Number(values.seed) + i));
    }
  }
  if (!hasSuites || values.walks !== undefined) return;
  const jest = [packageBin('jest'), '--runInBand', '--testTimeout=600000', ...suites[size]];
  runWatched(kind, suites[size].join(', '), jest);
}

if (values.kind !== undefined && kinds[values.kind] === undefined) {
  fail(`--kind is ${Object.keys(kinds).join(' or ')}`, 2);
}
(values.kind === undefined ? Object.keys(kinds) : [values.kind]).forEach(check);
const failed = verdicts.filter((passed) => !passed).length;
const summary = `${verdicts.length - failed} passed, ${failed} failed`;
if (failed > 0) fail(summary);
console.log(summary);
