import { emulators } from '../hip/emulator';
import { forked, programsOf } from '../support/forked';
import { library } from './examine';

interface Sizes {
  readonly computeUnits: number;
  readonly cacheKibibytes: number;
}

async function sizes(device: string, environment: Record<string, string>): Promise<Sizes> {
  const { stdout, stderr } = await forked(programsOf(__dirname)('sizes.cjs'), [device], environment);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Sizes;
}

const opencl = async (target?: string, more: Record<string, string> = {}): Promise<Sizes> =>
  sizes('opencl:0', {
    ...{ THALWEG_OPENCL_LIBRARY: library, THALWEG_HIP_LIBRARY: '/nowhere/libamdhip64.so' },
    ...(target === undefined ? {} : { FAKE_DRIVER_TARGET: target }),
    ...more,
  });

/** What an emulated HIP device has, with 4 units and so much L2. */
const hip = async (arch: string, mebibytes: number, more: Record<string, string> = {}): Promise<Sizes> =>
  sizes('hip:0', {
    ...{ THALWEG_HIP_LIBRARY: emulators().wave32, HIP_EMULATOR_ARCH: arch },
    ...{ HIP_EMULATOR_L2: String(mebibytes * 2 ** 20) },
    ...more,
  });

/** Three quarters of so many MiB, in KiB. */
const ofCache = (mebibytes: number): number => mebibytes * 768;

describe('the compute units of a card', () => {
  it('are two for each work-group processor that AMD reports from gfx10 on', async () => {
    const { computeUnits: reported } = await opencl('gfx906');
    expect((await opencl('gfx1034')).computeUnits).toBe(2 * reported);
    expect((await opencl('gfx1201')).computeUnits).toBe(2 * reported);
    expect((await hip('gfx1100', 6)).computeUnits).toBe(8);
    expect((await hip('gfx942', 4)).computeUnits).toBe(4);
  });

  it('are those that it reports where work-group processors are switched off', async () => {
    const off = { GPU_ENABLE_WGP_MODE: '0' };
    const { computeUnits: reported } = await opencl('gfx906');
    expect((await opencl('gfx1034', off)).computeUnits).toBe(reported);
    expect((await hip('gfx1100', 6, off)).computeUnits).toBe(4);
  });
});

describe('the cache that rows are read again from', () => {
  it('is the infinity cache of a card that has one, whatever its driver says', async () => {
    expect((await opencl('gfx1034')).cacheKibibytes).toBe(ofCache(16));
    expect((await hip('gfx942:sramecc+:xnack-', 4)).cacheKibibytes).toBe(ofCache(256));
  });

  it('is the L2 that HIP reports of other cards', async () => {
    expect((await hip('gfx1103', 2)).cacheKibibytes).toBe(ofCache(2));
    expect((await hip('gfx90a', 16)).cacheKibibytes).toBe(ofCache(16));
  });

  it('is not that of the card for which another goes by an override', async () => {
    // An RX 6500 XT as gfx1030 has 16 compute units, not the 60 and more of an RX 6800, and no 128 MiB.
    expect((await hip('gfx1030', 1)).cacheKibibytes).toBe(ofCache(1));
  });

  it('is a small one where nothing is known', async () => {
    expect((await hip('gfx1103', 0)).cacheKibibytes).toBe(12 * 1024);
  });
});
