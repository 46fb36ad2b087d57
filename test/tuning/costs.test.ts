import fc from 'fast-check';
import {
  type Candidate,
  type Costs,
  type Work,
  defaultCosts,
  fasterOf,
  gpuMayWin,
  secondsOf,
} from '../../lib/devices/costs';

const costs: Costs = {
  ...{ uploadRate: 1e9, passRate: 1e10, launchSeconds: 1e-5 },
  ...{ stepSeconds: 1e-6, stepRate: 2e9 },
};
const cpu: Candidate = {
  info: { id: 'cpu', float64: true, memoryBytes: 1e11 },
  costs: { uploadRate: 4e9, passRate: 1.5e10, launchSeconds: 2e-6, stepSeconds: 4e-8, stepRate: 1.2e10 },
};
const gpu: Candidate = {
  info: { id: 'hip:0', float64: true, memoryBytes: 4e9 },
  costs: { uploadRate: 2.4e9, passRate: 1.4e11, launchSeconds: 1e-5, stepSeconds: 3e-6, stepRate: 1e10 },
};

/** A million rows of 100 columns: 0.4 GB. */
const large: Work = { rows: 1e6, columns: 100, dtype: 'float32', passes: 10 };

describe('the seconds of a call', () => {
  it('are those of the upload, and of each pass with its two launches', () => {
    expect(secondsOf(costs, large)).toBeCloseTo(0.4 + 10 * (0.04 + 2e-5), 12);
    expect(secondsOf(costs, { ...large, dtype: 'float64', passes: 1 })).toBeCloseTo(0.8 + 0.08 + 2e-5, 12);
  });

  it('are those of each step and its rows, where steps wait for one another', () => {
    const work = { rows: 1000, columns: 10, dtype: 'float32', passes: 2 } as const;
    const epochEnd = 4e4 / 1e10 + 2e-5;
    expect(secondsOf(costs, { ...work, stepRows: 1 })).toBeCloseTo(4e-5 + 2 * (epochEnd + 2e-5 + 1e-3), 12);
    expect(secondsOf(costs, { ...work, stepRows: 32 })).toBeCloseTo(4e-5 + 2 * (epochEnd + 2e-5 + 32e-6), 12);
  });

  it('are those of a pass for each large batch', () => {
    const work = { rows: 10_000, columns: 10, dtype: 'float32', passes: 1, stepRows: 5000 } as const;
    expect(secondsOf(costs, work)).toBeCloseTo(4e-4 + (4e-5 + 2e-5) + (4e-5 + 2 * 2e-5), 12);
  });
});

describe('the device that is chosen', () => {
  it('is the GPU where passes outweigh the upload, and the CPU where they do not', () => {
    expect(fasterOf(cpu, gpu, { ...large, passes: 1 })).toBe('cpu');
    expect(fasterOf(cpu, gpu, { ...large, passes: 2 })).toBe('cpu');
    expect(fasterOf(cpu, gpu, { ...large, passes: 4 })).toBe('hip:0');
    expect(fasterOf(cpu, gpu, { ...large, passes: 1000 })).toBe('hip:0');
  });

  it('is the CPU where launches outweigh the passes, and for steps that wait', () => {
    expect(fasterOf(cpu, gpu, { rows: 100, columns: 10, dtype: 'float32', passes: 1000 })).toBe('cpu');
    expect(fasterOf(cpu, gpu, { ...large, stepRows: 1 })).toBe('cpu');
    expect(fasterOf(cpu, gpu, { ...large, stepRows: 32 })).toBe('cpu');
    expect(fasterOf(cpu, gpu, { ...large, stepRows: 100_000, passes: 100 })).toBe('hip:0');
  });

  it('is the CPU where the GPU has too little memory, no float64, or is not there', () => {
    const huge = { ...large, rows: 9.5e6, passes: 1000 };
    expect(fasterOf(cpu, gpu, huge)).toBe('cpu');
    expect(fasterOf(cpu, { ...gpu, info: { ...gpu.info, memoryBytes: 8e9 } }, huge)).toBe('hip:0');
    const single = { ...gpu, info: { ...gpu.info, float64: false } };
    expect(fasterOf(cpu, single, { ...large, dtype: 'float64', passes: 1000 })).toBe('cpu');
    expect(fasterOf(cpu, single, { ...large, passes: 1000 })).toBe('hip:0');
    expect(fasterOf(cpu, undefined, { ...large, passes: 1000 })).toBe('cpu');
  });

  it('goes by what is held of sparse columns, of which a GPU reads rows and columns, and no steps over a few rows', () => {
    const sparse = { ...large, passes: 1000 };
    // 20 MB at 15 GB/s against 40 MB at 140 GB/s.
    expect(fasterOf(cpu, gpu, { ...sparse, heldColumns: 5 })).toBe('hip:0');
    expect(fasterOf(cpu, gpu, { ...sparse, heldColumns: 5, stepRows: 100_000 })).toBe('cpu');
    // 0.4 MB are read before seven launches are made, by the fastest GPU too.
    expect(fasterOf(cpu, gpu, { ...sparse, heldColumns: 0.1 })).toBe('cpu');
    expect(gpuMayWin(cpu.costs, { ...sparse, heldColumns: 0.01 })).toBe(false);
    expect(gpuMayWin(cpu.costs, sparse)).toBe(true);
    // Ten times as many rows have no room there, unless they are held as what they are.
    const huge = { ...sparse, rows: 1e7 };
    expect(fasterOf(cpu, gpu, huge)).toBe('cpu');
    expect(fasterOf(cpu, gpu, { ...huge, heldColumns: 5 })).toBe('hip:0');
  });

  const work: fc.Arbitrary<Work> = fc.record(
    {
      rows: fc.integer({ min: 1, max: 1e8 }),
      columns: fc.integer({ min: 1, max: 1e5 }),
      dtype: fc.constantFrom('float32' as const, 'float64' as const),
      passes: fc.integer({ min: 1, max: 1e6 }),
      stepRows: fc.integer({ min: 1, max: 1e5 }),
    },
    { requiredKeys: ['rows', 'columns', 'dtype', 'passes'] },
  );

  it('takes no longer than the other', () => {
    const roomy = { ...gpu, info: { ...gpu.info, memoryBytes: Infinity } };
    fc.assert(
      fc.property(work, (each) => {
        const seconds = { cpu: secondsOf(cpu.costs, each), 'hip:0': secondsOf(gpu.costs, each) };
        const chosen = fasterOf(cpu, roomy, each) as keyof typeof seconds;
        expect(seconds[chosen]).toBe(Math.min(...Object.values(seconds)));
      }),
      { numRuns: 500 },
    );
  });

  it('is looked for wherever a GPU could win', () => {
    const vendors = fc.constantFrom(
      'Advanced Micro Devices, Inc.',
      'NVIDIA Corporation',
      'Intel(R) Corporation',
    );
    const units = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(
        work,
        vendors,
        units,
        fc.integer({ min: 1, max: 256 }),
        (each, vendor, computeUnits, cores) => {
          const ofCpu = defaultCosts({ backend: 'cpu', vendor: '', computeUnits: cores });
          const ofGpu = defaultCosts({ backend: 'hip', vendor, computeUnits });
          fc.pre(secondsOf(ofGpu, each) < secondsOf(ofCpu, each));
          expect(gpuMayWin(ofCpu, each)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is not looked for where no GPU is quick enough', () => {
    const ofCpu = defaultCosts({ backend: 'cpu', vendor: '', computeUnits: 2 });
    expect(gpuMayWin(ofCpu, { rows: 100, columns: 10, dtype: 'float64', passes: 1000 })).toBe(false);
    expect(gpuMayWin(ofCpu, { rows: 1e6, columns: 100, dtype: 'float32', passes: 1000 })).toBe(true);
  });
});
