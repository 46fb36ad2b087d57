import type { BenchResult, DeviceResult } from '../../lib/measure/bench';
import { devicesAsToldElsewhere, json, thalweg } from './thalweg';

// What it prints and refuses; no test asserts a time.

const tiny = ['--quick', '--mebibytes', '0.25', '--seconds', '0.001'];

/** Every figure of a device is a number above 0. */
function expectPlausible({ limit, upload, latency, passes, steps, sizes }: DeviceResult): void {
  const figures = [
    limit.gigabytesPerSecond,
    upload.gigabytesPerSecond,
    latency.launchSeconds,
    latency.roundTripSeconds,
    ...passes.flatMap((one) => [one.seconds, one.gigabytesPerSecond, one.readGigabytesPerSecond, one.share]),
    ...steps.map(({ stepsPerSecond }) => stepsPerSecond),
    ...sizes.map(({ seconds }) => seconds),
  ];
  expect(figures.filter((figure) => !(figure > 0 && Number.isFinite(figure)))).toEqual([]);
}

describe('bench', () => {
  test('--json gives every figure of every device, and which is fastest', async () => {
    const result = (await json(['bench', ...tiny])) as BenchResult;
    const found = await devicesAsToldElsewhere();
    expect(result.devices.map(({ device }) => device)).toEqual(found);
    expect(result).toMatchObject({
      settings: { dtype: 'float32', mebibytes: 0.25, seconds: 0.001 },
      failed: [],
    });
    for (const one of result.devices) {
      expectPlausible(one);
      expect(one.passes.map(({ columns, rows }) => [columns, rows])).toEqual([
        [8, 8192],
        [64, 1024],
        [1024, 64],
      ]);
      expect(one.steps.map(({ strategy, columns, batchSize }) => [strategy, columns, batchSize])).toEqual([
        ['stochastic', 64, undefined],
        ['mini-batch', 64, 32],
        ['mini-batch', 64, 256],
      ]);
      const reads = one.passes.map(({ readGigabytesPerSecond }) => readGigabytesPerSecond);
      expect(one.limit.gigabytesPerSecond).toBe(Math.max(...reads));
    }
    const several = found.length > 1;
    expect(result.fastest.map(({ bytes }) => bytes)).toEqual(several ? [16_384, 131_072] : []);
    for (const { device, seconds } of result.fastest) {
      expect(seconds[device]).toBe(Math.min(...Object.values(seconds)));
    }
  });

  test('prints tables with units for the devices and columns that are named', async () => {
    const { code, stdout, stderr } = await thalweg([
      ...['bench', ...tiny, '--device', 'cpu', '--device', 'cpu'],
      ...['--columns', '3,5', '--dtype', 'float64'],
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^cpu: .+, \d+ units, .+; float64$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^ {2}the limit: one read of X +[\d.]+ GB\/s$/m);
    expect(stdout).toMatch(/^ {2}upload of X +[\d.]+ GB\/s$/m);
    expect(stdout).toMatch(/^ {2}an iteration on next to no data +[\d.]+ [nµm]?s$/m);
    for (const [n, rows] of [
      ['3', '10,922'],
      ['5', '6,553'],
    ]) {
      const line = `^ +${n} +${rows} +[\\d.]+ GB/s +[\\d.]+ GB/s +\\d+ % +[\\d.]+ [nµm]?s$`;
      expect(stdout).toMatch(new RegExp(line, 'm'));
    }
    expect(stdout).toMatch(/^ {2}stochastic +64 +1 +[\d,.]+ +[\d.]+ [nµm]?s$/m);
  });

  test.each([
    [['--columns', '0'], /'--columns <n,…>' argument '0' is invalid\. It must be a whole number from 1/],
    [['--columns', '8,x'], /It must be a whole number/],
    [['--mebibytes', '-1'], /It must be a number above 0/],
    [['--seconds', 'soon'], /It must be a number above 0/],
    [['--dtype', 'int8'], /Allowed choices are float32, float64/],
    [['--nosuch'], /unknown option '--nosuch'/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await thalweg(['bench', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('a device that is not there is an error', async () => {
    const { code, stdout } = await thalweg(['bench', '--json', '--device', 'opencl:99']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'ERR_DEVICE_NOT_FOUND', device: 'opencl:99' },
    });
  });
});
