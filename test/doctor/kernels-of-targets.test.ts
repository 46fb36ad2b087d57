import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../cli/thalweg';
import { root } from '../examples/run-example';
import { forked } from '../support/forked';
import { library } from './examine';

const cache = path.join(temporaryFolder(), 'cache');
const entries = (): string[] => readdirSync(cache).sort();
const timesOf = (names: readonly string[]): number[] =>
  names.map((name) => statSync(path.join(cache, name)).mtimeMs);

/** What a gradient is on a card that the driver takes for one of that instruction set. */
async function gradientAs(target: string): Promise<string> {
  const { stdout, stderr } = await forked(path.join(root, 'test/doctor/programs/gradient.cjs'), [], {
    ...{ THALWEG_OPENCL_LIBRARY: library, THALWEG_CACHE: cache, THALWEG_FLOAT64: 'off' },
    ...{ FAKE_DRIVER_TARGET: target, FAKE_DRIVER_BOARD: 'Radeon RX 6500 XT' },
  });
  expect(stderr).toBe('');
  return stdout;
}

test('kernels of a card are kept for each instruction set that an override makes of it', async () => {
  const gradient = await gradientAs('gfx1034');
  expect(gradient).toBe('Radeon RX 6500 XT gfx1034 -10\n');
  const own = entries();
  expect(await gradientAs('gfx1030')).toBe('Radeon RX 6500 XT gfx1030 -10\n');
  const both = entries();
  expect(both).toHaveLength(2 * own.length);
  expect(both).toEqual(expect.arrayContaining(own));
  // Neither is compiled, and so kept, again.
  const written = timesOf(both);
  for (const target of ['gfx1034', 'gfx1030']) expect(await gradientAs(target)).toContain(target);
  expect(entries()).toEqual(both);
  expect(timesOf(both)).toEqual(written);
}, 120_000);
