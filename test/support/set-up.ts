import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DevicesHere, devicesVariable, lookForDevices } from './configurations';
import { recordVariable } from './record';

/** Finds the devices once for all suites, and makes room for what they record. */
export function prepare(choose: (here: DevicesHere) => DevicesHere): void {
  // Kernels that the emulated devices compile are kept from run to run, away from the user's own.
  process.env['THALWEG_CACHE'] ??= path.join(__dirname, '..', '..', 'build', 'test', 'cache');
  const here = choose(lookForDevices());
  process.env[devicesVariable] = JSON.stringify(here);
  if (here.openclAbsent === undefined)
    process.env['THALWEG_REQUIRE'] = ['opencl', process.env['THALWEG_REQUIRE'] ?? ''].join();
  process.env[recordVariable] = path.join(mkdtempSync(path.join(tmpdir(), 'thalweg-test-')), 'errors.jsonl');
}

export default function setUp(): void {
  prepare((here) => here);
}
