/**
 * Running Node with a sanitized addon in it: each kind of sanitizer with its libraries, options and devices.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { clearReports, reportOptions, reportsFound } from './sanitizer-reports.mjs';
import { sanitizedFolder } from './sanitizers.mjs';
import { fail, findProgram, root } from './tools.mjs';

const suppressions = path.join(root, 'test', 'sanitize', 'thread.supp');

export const kinds = {
  'address,undefined': {
    devices: ['cpu', 'opencl:0'],
    libraries: ['libasan.so'],
    options: {
      // Node frees little before it exits, so leaks are not looked for. PoCL's threads end on stacks that the alternate
      // signal stack would be freed from twice. Tests ask Node for more memory than there is, and are refused.
      ASAN_OPTIONS: ['detect_leaks=0', 'use_sigaltstack=0', 'allocator_may_return_null=1'],
      UBSAN_OPTIONS: ['print_stacktrace=1'],
    },
  },
  thread: {
    devices: ['cpu'],
    libraries: ['libtsan.so'],
    options: {
      // Node's own reports, which do not count, may not fail it; and at process.exit a device's thread has ended and is not
      // joined, since the JavaScript object that owns it stays. The longest history restores the most stacks.
      TSAN_OPTIONS: ['exitcode=0', 'report_thread_leaks=0', 'history_size=7', `suppressions=${suppressions}`],
    },
    // A driver is compiled without the sanitizer, which so reports what its threads do in good order.
    environment: { THALWEG_OPENCL_LIBRARY: 'none', THALWEG_HIP_LIBRARY: 'none' },
  },
};

/** The runtime library of a sanitizer, as the compiler that built the addon names it. */
function libraryPath(name) {
  const compiler = process.env.CXX ?? 'c++';
  const found = execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return path.isAbsolute(found) ? found : fail(`${compiler} has no ${name}, which comes with GCC`);
}

function environmentOf(kind) {
  const { libraries, options, environment } = kinds[kind];
  const joined = Object.entries(options).map(([name, own]) => [name, [...own, ...reportOptions()].join(':')]);
  return {
    ...process.env,
    ...environment,
    ...Object.fromEntries(joined),
    // The C++ library too: its throw is wrapped when the sanitizer starts, and not when the addon comes to be loaded.
    LD_PRELOAD: [...libraries, 'libstdc++.so.6'].map(libraryPath).join(' '),
    THALWEG_PREBUILD: sanitizedFolder(kind),
    // That of the tests, which have most kernels compiled there already.
    THALWEG_CACHE: path.join(root, 'build', 'test', 'cache'),
  };
}

/** What goes before a command so that its addresses are where the thread sanitizer of older compilers expects them. */
function withFixedAddresses() {
  const setarch = findProgram('setarch');
  // Some containers forbid it.
  const works = setarch !== undefined && spawnSync(setarch, ['-R', 'true']).status === 0;
  return works ? [setarch, '-R'] : [];
}

/** Runs Node with the sanitizer in it, prints what is reported, in whatever process, and returns whether all was well. */
export function runWatched(kind, title, args) {
  clearReports();
  const [program, ...rest] = [...withFixedAddresses(), process.execPath, ...args];
  const start = Date.now();
  const { status, signal } = spawnSync(program, rest, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environmentOf(kind),
  });
  const found = reportsFound();
  found.forEach((report) => console.log(report));
  const passed = status === 0 && found.length === 0;
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  const details = `${signal ?? `exit code ${status}`}, ${found.length} reports, ${seconds} s`;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${kind}: ${title} (${details})`);
  return passed;
}
