/**
 * What the wide kernels compile to on AMD GPUs: `node scripts/check-isa.mjs [--all | --markdown | --json] [TARGET…]`. Every program
 * that the addon may compile goes through clang for each target (gfx803 …, or those named), with the files and definitions
 * that the addon itself gives; of those for rows with weights one a kernel file and dtype, the most demanding one, since they
 * differ from the others by a load and two products a row. Prints a table, of the worst program of each kernel or of all; fails on a spill, on scratch
 * memory, on local memory over 64 KiB, and on a kernel that no program holds.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { compilersFor } from './isa-compilers.mjs';
import { bytesInFlight, loadsIn } from './isa-loads.mjs';
import { cards, timesTable } from './kernel-times.mjs';
import { kernelsOf, programsFor } from './kernels.mjs';
import { fail, readArguments, root } from './tools.mjs';

const { values: options, positionals } = readArguments({
  options: { all: { type: 'boolean' }, markdown: { type: 'boolean' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const defaultTargets = [
  ...['gfx803', 'gfx906', 'gfx90a', 'gfx942'],
  ...['gfx1010', 'gfx1030', 'gfx1034', 'gfx1100', 'gfx1101', 'gfx1200'],
];
const targets = positionals.length > 0 ? positionals : defaultTargets;
const mostLocalBytes = 64 * 1024;
/** Whether it steps by another optimiser than the plain one. */
const isOptimized = ({ variant }) => /\bOPTIMIZER=[1-9]/.test(variant);
/** Whether its numbers are in the tables: neither those of other optimisers are nor those of rows with weights. */
const isPlain = (row) => !isOptimized(row) && !/\bWEIGHTED=1/.test(row.variant);
/**
 * Scalars that go into lanes of vector registers, which costs an instruction each and no memory. `steps` holds the constants
 * of every loss beside those of a step: up to 10 go there in float64, up to 16 by LLVM 19 for gfx942, and more with the
 * constants of an optimiser; those of softmax up to 7 in float64.
 */
function mostSgprSpills(row) {
  if (isOptimized(row)) return 48;
  if (row.file.includes('outputs')) return 16;
  if (row.kernel !== 'steps') return 0;
  return row.dtype === 'float64' || row.target === 'gfx942' ? 24 : 0;
}

/** What AMD's drivers say of each of these GPUs. */
const deviceOf = (isa) => ({
  shape: 'wide',
  isa,
  groupSize: 1024,
  localBytes: mostLocalBytes,
  float64: true,
});

const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-isa-'));
const compilers = compilersFor(targets, folder);
const run = promisify(execFile);

/** One file that includes what the addon would hand to the driver, so that messages name the kernel's own lines. */
function sourceFile(program, name) {
  const file = path.join(folder, `${name}.cl`);
  const files = ['math/prelude.opencl.h', ...program.files];
  writeFileSync(file, files.map((text) => `#include "${path.join(root, 'kernels', text)}"\n`).join(''));
  return file;
}

async function assemblyOf(file, defines, target) {
  const output = file.replace(/cl$/, 's');
  const { clang, libraries } = compilers.get(target);
  await run(clang, [
    ...['-x', 'cl', '-cl-std=CL1.2', '-O3', '-target', 'amdgcn-amd-amdhsa', `-mcpu=${target}`],
    ...[`--rocm-device-lib-path=${libraries}`, '-Werror', '-S', '-o', output, file],
    ...defines.map((define) => `-D${define}`),
  ]);
  return readFileSync(output, 'utf8');
}

/** GCN and CDNA count stores with the loads. */
const storesAreWaitedFor = (target) => /^gfx[89]/.test(target);

/** The kernels of an assembly file, by their metadata and the compiler's notes. */
function kernelsIn(assembly, target) {
  const [, metadata] = /\.amdgpu_metadata\n([\s\S]*?)\.end_amdgpu_metadata/.exec(assembly);
  return [...assembly.matchAll(/^\s+\.amdhsa_kernel (\w+)$/gm)].map(([, name]) => {
    const about = metadata.split(/^ {2}- /m).find((entry) => entry.includes(`.symbol:         ${name}.kd`));
    const number = (key) => Number(new RegExp(`\\.${key}: +(\\d+)`).exec(about)[1]);
    const code = assembly.slice(assembly.indexOf(`\n${name}:`));
    const body = code.slice(0, code.search(/^\s+\.amdhsa_kernel/m));
    return {
      kernel: name,
      vgprs: number('vgpr_count'),
      sgprs: number('sgpr_count'),
      local: number('group_segment_fixed_size'),
      scratch: number('private_segment_fixed_size'),
      vgprSpills: number('vgpr_spill_count'),
      sgprSpills: number('sgpr_spill_count'),
      occupancy: Number(/^; Occupancy: (\d+)/m.exec(code)[1]),
      loads: loadsIn(body),
      inFlight: bytesInFlight(body, storesAreWaitedFor(target)),
    };
  });
}

/** What sets a program apart from the others with the same kernels. */
function variantOf(program, programs) {
  const others = programs.filter(
    ({ dtype, files }) => dtype === program.dtype && files.join() === program.files.join(),
  );
  const own = program.defines.filter((define) => !others.every(({ defines }) => defines.includes(define)));
  return own.join(' ');
}

async function measure() {
  const work = targets.flatMap((target) => {
    const programs = programsFor(deviceOf(target));
    return programs.map((program, index) => {
      const file = sourceFile(program, `${target}-${index}`);
      return { file, program, variant: variantOf(program, programs), target };
    });
  });
  const rows = [];
  const worker = async () => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) {
      const { file, program, variant, target } = next;
      const assembly = await assemblyOf(file, program.defines, target);
      for (const kernel of kernelsIn(assembly, target)) {
        rows.push({ ...kernel, file: program.files.at(-1), variant, dtype: program.dtype, target });
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const key = ({ file, kernel, dtype, variant }) => [file, kernel, dtype, variant].join('\t');
  return rows.sort(
    (a, b) =>
      key(a).localeCompare(key(b), 'en', { numeric: true }) ||
      targets.indexOf(a.target) - targets.indexOf(b.target),
  );
}

function problemsOf(row) {
  return [
    row.scratch > 0 ? `${row.scratch} bytes of scratch` : '',
    row.vgprSpills > 0 ? `${row.vgprSpills} VGPR spills` : '',
    row.sgprSpills > mostSgprSpills(row) ? `${row.sgprSpills} SGPR spills` : '',
    row.local > mostLocalBytes ? `${row.local} bytes of local memory` : '',
  ].filter((text) => text !== '');
}

/** The rows of each kernel, dtype and target as one: the worst of every number, the loads of the one with most VGPRs. */
function worstOf(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = [row.file, row.kernel, row.dtype, row.target].join();
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const most = (name) => Math.max(...group.map((row) => row[name]));
    const largest = group.reduce((worst, row) => (row.vgprs > worst.vgprs ? row : worst));
    return {
      ...largest,
      variant: group.length > 1 ? `of ${group.length}: ${largest.variant}` : '',
      sgprs: most('sgprs'),
      local: most('local'),
      scratch: most('scratch'),
      vgprSpills: most('vgprSpills'),
      sgprSpills: most('sgprSpills'),
      occupancy: Math.min(...group.map((row) => row.occupancy)),
    };
  });
}

const columns = {
  kernel: (row) => row.kernel,
  dtype: (row) => row.dtype,
  target: (row) => row.target,
  VGPRs: (row) => row.vgprs,
  SGPRs: (row) => row.sgprs,
  LDS: (row) => row.local,
  scratch: (row) => row.scratch,
  spills: (row) => `${row.vgprSpills} + ${row.sgprSpills}`,
  occupancy: (row) => row.occupancy,
  'loads x1/x2/x3/x4': (row) => row.loads.join('/'),
  program: (row) => row.variant,
};

function printTable(rows) {
  const lines = [
    Object.keys(columns),
    ...rows.map((row) => Object.values(columns).map((cell) => String(cell(row)))),
  ];
  const widths = Object.keys(columns).map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  for (const line of lines)
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    );
}

/** For docs/kernels.md: a line for each kernel and dtype, VGPRs and occupancy of each target. */
function printMarkdown(rows) {
  console.log(`| kernel | dtype | ${targets.join(' | ')} | SGPRs | LDS | loads x1/x2/x4 |`);
  console.log(`| --- | --- |${' --- |'.repeat(targets.length + 3)}`);
  for (const first of rows.filter(({ target }) => target === targets[0])) {
    const same = rows.filter(
      ({ file, kernel, dtype }) =>
        [file, kernel, dtype].join() === [first.file, first.kernel, first.dtype].join(),
    );
    const cells = same.map(({ vgprs, occupancy }) => `${vgprs} (${occupancy})`);
    const [x1, x2, , x4] = same.at(-1).loads;
    const sgprs = Math.max(...same.map((row) => row.sgprs));
    console.log(
      `| \`${first.kernel}\` | ${first.dtype} | ${cells.join(' | ')} | ${sgprs} | ${first.local} | ${x1}/${x2}/${x4} |`,
    );
  }
}

let rows;
try {
  rows = await measure();
} catch (error) {
  fail(error.stderr ?? error.stack);
} finally {
  rmSync(folder, { recursive: true });
}
const plain = rows.filter(isPlain);
if (options.json) console.log(JSON.stringify(rows));
else if (options.markdown) printMarkdown(worstOf(plain));
else printTable(options.all ? rows : worstOf(plain));
if (!options.json) {
  const where = cards.map(({ name }) => name).join(', ');
  console.log(
    `\nMicroseconds by the model of kernel-times.mjs, of how many that memory allows (${where}):\n`,
  );
  console.log(timesTable(plain).join('\n'));
}

const failures = rows.flatMap((row) => {
  const where = [row.kernel, row.dtype, row.target, row.variant].filter((text) => text !== '').join(', ');
  return problemsOf(row).map((problem) => `${where}: ${problem}`);
});
const compiled = new Set(rows.map(({ kernel }) => kernel));
for (const kernel of kernelsOf('wide')) {
  if (!compiled.has(kernel)) failures.push(`${kernel}: no program holds it`);
}
for (const failure of failures) console.error(failure);
if (failures.length > 0) fail(`${failures.length} failures in ${rows.length} compiled kernels`);
console.error(`${rows.length} compiled kernels: no vector spills, no scratch, local memory within 64 KiB`);
