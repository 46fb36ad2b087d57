import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { forked } from '../support/forked';
import { emulators, program } from './emulator';

interface Came {
  readonly name: string;
  readonly call: number;
  readonly code: string;
  readonly message?: string;
  readonly log?: string;
  readonly left: object;
  readonly again: boolean;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'thalweg-hip-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function failing(names: readonly string[], environment: Record<string, string> = {}): Promise<Came[]> {
  const ending = await forked(
    program('faults.cjs'),
    names,
    {
      THALWEG_HIP_LIBRARY: emulators().wave32,
      HIP_EMULATOR_OBJECTS: path.join(folder, 'objects'),
      ...environment,
    },
    240_000,
  );
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  return ending.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Came);
}

/** What each call's failure comes to; 'none' where nobody is to be told, or another way is left. */
const expected: Record<string, string> = {
  hipInit: 'ERR_DRIVER_MISSING',
  hipRuntimeGetVersion: 'none',
  hipGetDeviceCount: 'ERR_DEVICE_NOT_FOUND',
  hipGetDevicePropertiesR0600: 'ERR_DEVICE_NOT_FOUND',
  hipDeviceGetPCIBusId: 'none',
  hipSetDevice: 'ERR_DEVICE_LOST',
  hipMemGetInfo: 'ERR_DEVICE_LOST',
  hipMalloc: 'ERR_OUT_OF_MEMORY',
  hipFree: 'none',
  hipMemsetAsync: 'ERR_DEVICE_LOST',
  hipMemcpyAsync: 'ERR_DEVICE_LOST',
  hipStreamCreateWithFlags: 'ERR_OUT_OF_MEMORY',
  hipStreamSynchronize: 'ERR_DEVICE_LOST',
  hipStreamDestroy: 'none',
  hipModuleLoadData: 'none', // from the cache: it is compiled again
  hipModuleGetFunction: 'ERR_KERNEL_BUILD',
  hipModuleUnload: 'none',
  hipModuleLaunchKernel: 'ERR_DEVICE_LOST',
};

it('turns the failure of any call into its error, leaves nothing open, and works afterwards', async () => {
  const names = Object.keys(expected);
  const came = await failing(names);
  expect(new Set(came.map(({ name }) => name))).toEqual(new Set(names));
  for (const { name, call, code, left, again } of came) {
    const wanted = code === 'none' && call > 1 ? ['none', expected[name]] : [expected[name]];
    expect([name, call, wanted]).toEqual([name, call, expect.arrayContaining([code])]);
    expect({ name, call, left, again }).toEqual({ name, call, left: {}, again: true });
  }
  const told = came.filter(({ code }) => code !== 'none');
  expect(told.filter(({ message }) => !/hip/i.test(message ?? ''))).toEqual([]);
  // The first call of each that has an error did fail.
  expect(came.filter(({ call, code }) => call === 1 && code !== 'none').length).toBe(
    Object.values(expected).filter((code) => code !== 'none').length,
  );
}, 300_000);

const compiler: Record<string, string> = {
  hiprtcCreateProgram: 'ERR_OUT_OF_MEMORY',
  hiprtcCompileProgram: 'ERR_KERNEL_BUILD',
  hiprtcGetCodeSize: 'ERR_KERNEL_BUILD',
  hiprtcGetCode: 'ERR_KERNEL_BUILD',
};

it.each(Object.entries(compiler))('turns a failing %s into %s', async (name, code) => {
  const ending = await forked(program('train.cjs'), [], {
    THALWEG_HIP_LIBRARY: emulators().wave32,
    THALWEG_CACHE: 'off',
    HIP_EMULATOR_FAIL: `${name}:1`,
  });
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  const came = JSON.parse(ending.stdout) as Came;
  expect(came.code).toBe(code);
  expect(came.log ?? '').toBe(name === 'hiprtcCompileProgram' ? 'HIP_EMULATOR_FAIL asks for a failure' : '');
});

it('refuses a matrix beyond the memory of the card before it allocates any of it', async () => {
  const ending = await forked(program('train.cjs'), [], {
    THALWEG_HIP_LIBRARY: emulators().wave32,
    HIP_EMULATOR_MEMORY: '16',
  });
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  const came = JSON.parse(ending.stdout) as Came;
  expect(came.code).toBe('ERR_OUT_OF_MEMORY');
  expect(came.message).toContain('16 of its 16 are free');
});
