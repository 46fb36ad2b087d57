import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { forked } from '../support/forked';
import { cudaEnvironments, emulators, program } from './emulator';

interface Came {
  readonly code: string;
  readonly result?: readonly number[];
  readonly graphs: number;
  readonly left: object;
}

let folder: string;
let runs = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'thalweg-graphs-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What becomes of 3000 batch steps on a device whose launches take `microseconds` each. */
async function trained(environment: Record<string, string> = {}, microseconds = 20): Promise<Came> {
  const ending = await forked(program('graphs.cjs'), [], {
    THALWEG_HIP_LIBRARY: emulators().wave32,
    HIP_EMULATOR_OBJECTS: path.join(folder, `objects-${(runs += 1)}`),
    HIP_EMULATOR_BLOCK: '8',
    HIP_EMULATOR_LAUNCH_MICROSECONDS: String(microseconds),
    ...environment,
  });
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  return JSON.parse(ending.stdout) as Came;
}

/** The same steps where no graph can be had. */
async function launchedOneByOne(): Promise<Came> {
  return await trained({ HIP_EMULATOR_FAIL: 'hipStreamBeginCapture:1+' });
}

it('launches equal steps as graphs where launches take long, to the same bits', async () => {
  const plain = await launchedOneByOne();
  expect(plain).toMatchObject({ code: 'none', graphs: 0, left: {} });
  expect(plain.result).toHaveLength(3 + 1 + 3000);
  const came = await trained();
  expect(came.graphs).toBeGreaterThan(50);
  expect({ ...came, graphs: 0 }).toEqual(plain);
});

it('does without graphs on a runtime that has none', async () => {
  const came = await trained({ THALWEG_HIP_LIBRARY: emulators().wave64 });
  expect(came).toEqual(await launchedOneByOne());
});

it.each(['hipStreamEndCapture', 'hipGraphInstantiate'])(
  'does without graphs where %s fails',
  async (name) => {
    const came = await trained({ HIP_EMULATOR_FAIL: `${name}:1+` });
    expect(came).toEqual(await launchedOneByOne());
  },
);

it.each(['hipGraphExecDestroy', 'hipGraphDestroy'])('goes on where %s fails', async (name) => {
  const came = await trained({ HIP_EMULATOR_FAIL: `${name}:1+` });
  expect({ ...came, graphs: 0 }).toEqual(await launchedOneByOne());
});

it.each([1, 2, 40])('tells of a device that is lost at graph launch %d', async (call) => {
  const came = await trained({ HIP_EMULATOR_FAIL: `hipGraphLaunch:${call}` });
  expect(came).toEqual({ code: 'ERR_DEVICE_LOST', graphs: call - 1, left: {} });
});

it('either does without graphs or tells of a lost device where any launch fails', async () => {
  const { code, result, left } = await launchedOneByOne();
  const lost = { code: 'ERR_DEVICE_LOST', left };
  for (const call of [31, 159, 170]) {
    const { graphs, ...came } = await trained({ HIP_EMULATOR_FAIL: `hipModuleLaunchKernel:${call}` });
    expect(graphs).toBeGreaterThanOrEqual(0);
    expect([{ code, result, left }, lost]).toContainEqual(came);
  }
});

describe('on NVIDIA’s driver, by way of the shim', () => {
  it('launches graphs, to the bits of single launches', async () => {
    const { current } = cudaEnvironments();
    const plain = await trained({ ...current, HIP_EMULATOR_FAIL: 'hipStreamBeginCapture:1+' });
    expect(plain).toMatchObject({ code: 'none', graphs: 0, left: {} });
    const came = await trained(current);
    expect(came.graphs).toBeGreaterThan(50);
    expect({ ...came, graphs: 0 }).toEqual(plain);
  });

  it('does without them on a driver of before CUDA 11.4', async () => {
    const { current, old } = cudaEnvironments();
    const came = await trained(old);
    expect(came).toEqual(await trained({ ...current, HIP_EMULATOR_FAIL: 'hipStreamBeginCapture:1+' }));
  });
});
