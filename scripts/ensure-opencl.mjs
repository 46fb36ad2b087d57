/**
 * Runs a command with an OpenCL device made sure of: `node scripts/ensure-opencl.mjs -- PROGRAM ARGUMENTS…`,
 * where PROGRAM is that of a package, or a script of this folder: `scripts/NAME.mjs`.
 *
 * Where `devices()` lists no OpenCL device, PoCL (OpenCL on the CPU) is installed if this is root on a machine
 * with apt, dnf or pacman. Where there still is none, the command runs with THALWEG_TEST_OPENCL=absent, by which
 * the suites report their OpenCL part as not run; with CI=true that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, packageBin, root } from './tools.mjs';
import { installAsRoot, installCommand } from './system-packages.mjs';

const listDevices = `require('./dist/index.js').devices().then(
  (list) => process.stdout.write(JSON.stringify(list)),
  (error) => { console.error(error); process.exitCode = 1; },
);`;

/** The OpenCL devices that a process of its own sees: a driver is looked for once a process. */
function openclDevices() {
  if (!existsSync(path.join(root, 'dist', 'index.js'))) fail('nothing is built here yet; run: npm install');
  const child = spawnSync(process.execPath, ['-e', listDevices], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 180_000,
  });
  if (child.status !== 0) fail(`listing the devices failed (${child.signal ?? `exit code ${child.status}`})`);
  return JSON.parse(child.stdout).filter((device) => device.backend === 'opencl');
}

/** Makes sure of a device, by installing PoCL where that is needed and possible. Returns why there is none. */
function reasonForNoDevice() {
  let found = openclDevices();
  let reason = `No OpenCL device was found. PoCL makes the CPU one; install it: ${installCommand('pocl')}`;
  if (found.length === 0 && installAsRoot('pocl')) {
    console.error('installed PoCL, which runs OpenCL on the CPU');
    found = openclDevices();
    reason = 'PoCL is installed and still no OpenCL device is listed. To see why: npx thalweg doctor';
  }
  for (const device of found) console.error(`OpenCL tests run on ${device.id}: ${device.name}`);
  return found.length > 0 ? undefined : reason;
}

const separator = process.argv.indexOf('--');
const [program, ...args] = separator === -1 ? [] : process.argv.slice(separator + 1);
if (program === undefined) fail('usage: node scripts/ensure-opencl.mjs -- PROGRAM ARGUMENTS…', 2);

const env = { ...process.env };
const reason = reasonForNoDevice();
if (reason !== undefined) {
  if (process.env.CI === 'true') fail(`${reason}\nWith CI=true the OpenCL suites may not be left out.`);
  console.error(`\n${reason}\nThe OpenCL suites are NOT RUN.\n`);
  env.THALWEG_TEST_OPENCL = 'absent';
}
const script = program.endsWith('.mjs') ? path.join(root, program) : packageBin(program);
process.exitCode =
  spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit', env }).status ?? 1;
