import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** The back ends that the addon lists. */
const names = [
  ...textOf('native/device/drivers/drivers.cc').matchAll(/\{"(\w+)", "\w+", &\w+::discover/g),
].map(([, name]) => name ?? '');

describe('the back ends of drivers.cc', () => {
  it('are those that there are', () => {
    expect(names).toEqual(expect.arrayContaining(['hip', 'opencl']));
  });

  // Where each has to be named: see "Add a device" in CONTRIBUTING.md.
  it.each([
    'lib/addon/device-info.ts',
    'lib/devices/open.ts',
    'lib/devices/tuning/schema.ts',
    'lib/doctor/backends.ts',
    'lib/drivers/probe/targets.ts',
    'docs/api.md',
  ])('are named in %s', (file) => {
    const text = textOf(file);
    expect(names.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
  });

  it('have a library that a variable names', () => {
    const text = textOf('lib/base/environment.ts');
    expect(names.filter((name) => !text.includes(`THALWEG_${name.toUpperCase()}_LIBRARY`))).toEqual([]);
  });
});
