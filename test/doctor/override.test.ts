import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { openDevice } from '../../lib';
import { type Run as Cli, thalweg } from '../cli/thalweg';
import { plainEnvironment, root } from '../examples/run-example';
import { expectRejection } from '../support/expectations';
import { emulators } from '../hip/emulator';
import { FakeDriver, recorded } from './fake-driver';
import { type Machine, cpuNode, fakeMachine, mi300x, radeonPro, rx6500xt, rx9060xt } from './machine';

const driver = new FakeDriver();
afterAll(() => {
  driver.remove();
});

/** How a program ended, and which of AMD's variables it had when it loaded the driver. */
interface Run {
  readonly told: unknown;
  /** Undefined where it loaded none. */
  readonly variables: string[] | undefined;
  /** How many other processes it tried the driver in. */
  readonly probes: number;
}

/** Runs the body of an async function with `thalweg`, in a process of its own, and prints what it returns. */
async function run(body: string, machine: Machine, variables: Record<string, string> = {}): Promise<Run> {
  const record = driver.newRecord();
  const program = `
    const thalweg = require('./dist');
    const tell = (promise) => promise.then(({ info }) => info.isa, ({ code, option, message }) => ({ code, option, message }));
    (async () => { ${body} })().then((told) => process.stdout.write(JSON.stringify({ told })));`;
  const child = promisify(execFile)(process.execPath, ['-e', program], {
    cwd: root,
    env: {
      ...plainEnvironment(),
      THALWEG_OPENCL_LIBRARY: driver.library,
      THALWEG_HIP_LIBRARY: '/nowhere/libamdhip64.so',
      THALWEG_CACHE: 'off',
      THALWEG_SYSTEM_ROOT: fakeMachine(machine),
      FAKE_DRIVER_RECORD: record,
      ...variables,
    },
  });
  const { stdout } = await child;
  const loads = recorded(record);
  const own = loads.filter(({ pid }) => pid === child.child.pid);
  expect(own.length).toBeLessThanOrEqual(1);
  const { told } = JSON.parse(stdout) as { told: unknown };
  return { told, variables: own[0]?.variables, probes: loads.length - own.length };
}

const open = (override: string, device = 'opencl'): string =>
  `return tell(thalweg.openDevice('${device}', { hsaOverride: '${override}' }));`;

const alone: Machine = { nodes: [cpuNode, rx6500xt] };
const together: Machine = { nodes: [cpuNode, rx6500xt, rx9060xt] };
/** The driver offers the GPU by its own name. */
const native = { FAKE_DRIVER_TARGET: 'gfx1034' };
/** It offers the GPU only as a gfx1030. */
const needy = { FAKE_DRIVER_NEEDS: 'HSA_OVERRIDE_GFX_VERSION' };
const needyNode = { FAKE_DRIVER_NEEDS: 'HSA_OVERRIDE_GFX_VERSION_1', FAKE_DRIVER_TARGET: 'gfx1200' };

const tooLate = {
  code: 'ERR_INVALID_ARGUMENT',
  option: 'hsaOverride',
  message: expect.stringMatching(
    /too late.*loaded.*start Node with HSA_OVERRIDE_GFX_VERSION=10\.3\.0/,
  ) as string,
};

describe("hsaOverride: 'auto'", () => {
  it.each(['opencl', 'gpu', 'auto', 'opencl:0'])(
    'treats an RX 6500 XT as gfx1030 where it must: %s',
    async (device) => {
      const { told, variables, probes } = await run(open('auto', device), alone, needy);
      expect(told).toBe('gfx1030');
      expect(variables).toEqual(['HSA_OVERRIDE_GFX_VERSION=10.3.0']);
      expect(probes).toBe(1);
    },
  );

  it('sets nothing where the driver takes it by its own name', async () => {
    const { told, variables, probes } = await run(open('auto'), alone, native);
    expect({ told, variables }).toEqual({ told: 'gfx1034', variables: [] });
    // One that lists the devices, one that trains on the GPU.
    expect(probes).toBe(2);
  });

  it.each(['fail-build', 'crash-build', 'wrong-results'])(
    'takes a GPU that is listed and fails for one that cannot be used: %s',
    async (fault) => {
      const { told, variables } = await run(open('auto'), alone, { ...native, FAKE_DRIVER_FAULT: fault });
      expect(variables).toEqual(['HSA_OVERRIDE_GFX_VERSION=10.3.0']);
      expect(told).toBe('gfx1034');
    },
  );

  it('takes a GPU for one that cannot be used where the driver that would open it refuses it, whatever another says', async () => {
    const hip = { THALWEG_HIP_LIBRARY: emulators().wave32, HIP_EMULATOR_ARCH: 'gfx1034' };
    const refusing = { ...hip, HIP_EMULATOR_FAIL: 'hipModuleLoadData:1+' };
    const { variables } = await run(open('auto', 'gpu'), alone, { ...native, ...refusing });
    expect(variables).toEqual(['HSA_OVERRIDE_GFX_VERSION=10.3.0']);
    expect((await run(open('auto', 'gpu'), alone, { ...native, ...hip })).variables).toEqual([]);
  });

  describe('tells, where there is no GPU after all,', () => {
    const nothing = { FAKE_DRIVER_NEEDS: 'NOTHING_HELPS' };
    const messageOf = async (device: string, machine: Machine, variables: Record<string, string>) =>
      (await run(open('auto', device), machine, { ...nothing, ...variables })).told;
    const rejection = (code: string, end: RegExp): unknown => ({
      code,
      option: 'device',
      message: expect.stringMatching(end) as string,
    });

    it('that the driver did not offer it, with the variable and without', async () => {
      expect(await messageOf('gpu', alone, {})).toEqual(
        rejection(
          'ERR_DEVICE_NOT_FOUND',
          /for why\. hsaOverride 'auto' set HSA_OVERRIDE_GFX_VERSION=10\.3\.0 \(gfx1034: no driver offers it\)$/,
        ),
      );
    });

    it('that a driver refused to answer, which is not the same', async () => {
      const crashing = { FAKE_DRIVER_FAULT: 'crash-platforms' };
      expect(await messageOf('hip', alone, crashing)).toEqual(
        rejection('ERR_DRIVER_MISSING', /\(gfx1034: no driver offers it\)$/),
      );
      const hung = { FAKE_DRIVER_FAULT: 'hang-probes', THALWEG_PROBE_SECONDS: '2' };
      expect(await messageOf('gpu', alone, hung)).toEqual(
        rejection('ERR_DEVICE_NOT_FOUND', /\(gfx1034: no driver offers it; opencl does not answer in 2 s\)$/),
      );
    });

    it('that it could not look, or had nothing to do', async () => {
      expect(await messageOf('gpu', { nodes: ['unreadable'] }, {})).toEqual(
        rejection(
          'ERR_DEVICE_NOT_FOUND',
          /hsaOverride 'auto' set nothing: it may not read .*\/sys\/class\/kfd.*name it, as '10\.3\.0'$/,
        ),
      );
      expect(await messageOf('gpu', { nodes: [cpuNode, rx9060xt] }, {})).toEqual(
        rejection('ERR_DEVICE_NOT_FOUND', /hsaOverride 'auto' set nothing: gfx1200 has no other name$/),
      );
      const told = { HSA_OVERRIDE_GFX_VERSION: '10.3.1' };
      expect(await messageOf('gpu', alone, told)).toEqual(
        rejection('ERR_DEVICE_NOT_FOUND', /set nothing: gfx1034 is told a version already$/),
      );
    });

    it('as a warning where the CPU is taken', async () => {
      const body = `
        const warned = new Promise((resolve) => process.once('warning', ({ code, message }) => resolve({ code, message })));
        const { id } = await thalweg.openDevice('auto', { hsaOverride: 'auto' });
        return { id, warned: await warned };`;
      expect((await run(body, alone, nothing)).told).toEqual({
        id: 'cpu',
        warned: {
          code: 'THALWEG_HSA_OVERRIDE',
          message:
            "No GPU can be opened; hsaOverride 'auto' set HSA_OVERRIDE_GFX_VERSION=10.3.0 (gfx1034: no driver offers it)",
        },
      });
    });
  });

  it('names the node where there are several GPUs, so that the others keep their own target', async () => {
    const { variables } = await run(open('auto'), together, needyNode);
    expect(variables).toEqual(['HSA_OVERRIDE_GFX_VERSION_1=10.3.0']);
  });

  it.each([
    ['an MI300X', { nodes: [cpuNode, mi300x] }],
    ['an RX 9060 XT', { nodes: [cpuNode, rx9060xt] }],
    ['processors alone', { nodes: [cpuNode] }],
    ['nodes that cannot be read', { nodes: ['unreadable' as const] }],
    ['no driver of the kernel', {}],
  ])('sets nothing for %s, and tries no driver', async (_name, machine) => {
    const { variables, probes } = await run(open('auto'), machine, { ...needy, FAKE_DRIVER_NEEDS: '' });
    expect({ variables, probes }).toEqual({ variables: [], probes: 0 });
  });

  it.each([
    ['HSA_OVERRIDE_GFX_VERSION', '10.3.1', alone],
    ['HSA_OVERRIDE_GFX_VERSION_1', '10.3.2', alone],
    ['HSA_OVERRIDE_GFX_VERSION', '10.3.0', together],
  ])('leaves %s=%s to the user', async (name, value, machine) => {
    const { variables, probes } = await run(open('auto'), machine, { ...needy, [name]: value });
    expect({ variables, probes }).toEqual({ variables: [`${name}=${value}`], probes: 0 });
  });

  it('has ROCm 5 offer a gfx803', async () => {
    const old = { FAKE_DRIVER_NEEDS: 'ROC_ENABLE_PRE_VEGA', FAKE_DRIVER_TARGET: 'gfx803' };
    const polaris: Machine = { nodes: [cpuNode, radeonPro] };
    const found = await run(open('auto'), polaris, old);
    expect(found).toMatchObject({ told: 'gfx803', variables: ['ROC_ENABLE_PRE_VEGA=1'] });
    const five = { ...polaris, files: { '/opt/rocm/.info/version': '5.7.1-98\n' } };
    expect((await run(open('auto'), five, old)).variables).toEqual(['ROC_ENABLE_PRE_VEGA=1']);
  });

  it('leaves a gfx803 alone where ROCm is later, the user decided, or it works', async () => {
    const polaris: Machine = { nodes: [cpuNode, radeonPro] };
    const old = { FAKE_DRIVER_NEEDS: 'ROC_ENABLE_PRE_VEGA', FAKE_DRIVER_TARGET: 'gfx803' };
    const six = { ...polaris, files: { '/opt/rocm/.info/version': '6.2.4-120\n' } };
    expect((await run(open('auto'), six, old)).variables).toEqual([]);
    expect((await run(open('auto'), polaris, { ...old, ROC_ENABLE_PRE_VEGA: '0' })).variables).toEqual([
      'ROC_ENABLE_PRE_VEGA=0',
    ]);
    expect((await run(open('auto'), polaris, { FAKE_DRIVER_TARGET: 'gfx803' })).variables).toEqual([]);
  });

  it('says that it comes too late only where it would be needed', async () => {
    const late = `await thalweg.devices(); ${open('auto')}`;
    expect(await run(late, alone, needy)).toMatchObject({ told: tooLate, variables: [] });
    expect(await run(late, alone, native)).toMatchObject({ told: 'gfx1034', variables: [] });
  });
});

describe('an hsaOverride by its version', () => {
  it('is set without trying a driver first', async () => {
    const { told, variables, probes } = await run(open('10.3.0'), alone, needy);
    expect({ told, variables, probes }).toEqual({
      told: 'gfx1030',
      variables: ['HSA_OVERRIDE_GFX_VERSION=10.3.0'],
      probes: 0,
    });
  });

  it('is set for the GPUs of that generation, by their nodes where there are others', async () => {
    expect((await run(open('10.3.0'), together)).variables).toEqual(['HSA_OVERRIDE_GFX_VERSION_1=10.3.0']);
    const twins: Machine = { nodes: [cpuNode, cpuNode, rx6500xt, rx6500xt] };
    expect((await run(open('10.3.0'), twins)).variables).toEqual([
      'HSA_OVERRIDE_GFX_VERSION_2=10.3.0',
      'HSA_OVERRIDE_GFX_VERSION_3=10.3.0',
    ]);
    expect((await run(open('10.3.4'), together)).variables).toEqual([]);
  });

  it('is set for all where the nodes cannot be read', async () => {
    const { variables } = await run(open('10.3.0'), { nodes: ['unreadable'] });
    expect(variables).toEqual(['HSA_OVERRIDE_GFX_VERSION=10.3.0']);
  });

  it('is refused where no GPU is of that generation, before a driver is loaded', async () => {
    const { told, variables } = await run(open('10.3.0'), { nodes: [cpuNode, mi300x] });
    expect(told).toEqual({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'hsaOverride',
      message: expect.stringMatching(/fits no GPU.*gfx1030.*gfx942/) as string,
    });
    expect(variables).toBeUndefined();
  });

  it('reaches the driver from a worker, whose process.env is a copy', async () => {
    const body = `
      const { Worker } = require('node:worker_threads');
      const inside = \`
        const { parentPort } = require('node:worker_threads');
        require('./dist').openDevice('opencl', { hsaOverride: '10.3.0' }).then(
          ({ info }) => parentPort.postMessage([info.isa, process.env.HSA_OVERRIDE_GFX_VERSION ?? 'unset']),
          (error) => parentPort.postMessage(error.message));
      \`;
      return await new Promise((resolve) => new Worker(inside, { eval: true }).once('message', resolve));`;
    const { told, variables } = await run(body, alone, needy);
    expect(variables).toEqual(['HSA_OVERRIDE_GFX_VERSION=10.3.0']);
    expect(told).toEqual(['gfx1030', 'unset']);
  });

  it('may be asked for again, but not changed', async () => {
    const body = `
      const first = await tell(thalweg.openDevice('opencl', { hsaOverride: '10.3.0' }));
      const second = await tell(thalweg.openDevice('opencl', { hsaOverride: '10.3.0' }));
      const other = await tell(thalweg.openDevice('opencl', { hsaOverride: '10.3.1' }));
      return [first, second, other];`;
    const { told } = await run(body, alone, needy);
    expect(told).toEqual([
      'gfx1030',
      'gfx1030',
      expect.objectContaining({ ...tooLate, message: expect.stringContaining('too late') as string }),
    ]);
  });

  it.each([
    'thalweg.devices()',
    'thalweg.versions()',
    "thalweg.openDevice('opencl')",
    "thalweg.batchGradientDescent([[1]], [1], { learningRate: 0.1, iterations: 1, device: 'gpu' })",
  ])('comes too late after %s', async (loading) => {
    const { told, variables } = await run(`await ${loading}; ${open('10.3.0')}`, alone, native);
    expect({ told, variables }).toEqual({ told: tooLate, variables: [] });
  });

  it('comes too late in the main thread where a worker loaded the driver', async () => {
    const body = `
      const { Worker } = require('node:worker_threads');
      const inside = "require('./dist').devices()";
      await new Promise((resolve) => new Worker(inside, { eval: true }).once('exit', resolve));
      ${open('10.3.0')}`;
    expect(await run(body, alone, native)).toMatchObject({ told: tooLate, variables: [] });
  });

  it('is for HIP as for OpenCL', async () => {
    const hip = { THALWEG_HIP_LIBRARY: emulators().wave32, HIP_EMULATOR_ARCH: 'gfx1034' };
    const set = "process.env.HSA_OVERRIDE_GFX_VERSION ?? 'unset'";
    const first = `const told = await tell(thalweg.openDevice('hip', { hsaOverride: '10.3.0' })); return [told, ${set}];`;
    expect((await run(first, alone, hip)).told).toEqual(['gfx1034', '10.3.0']);
    const auto = `const told = await tell(thalweg.openDevice('hip', { hsaOverride: 'auto' })); return [told, ${set}];`;
    expect((await run(auto, alone, hip)).told).toEqual(['gfx1034', 'unset']);
    const failing = { ...hip, HIP_EMULATOR_FAIL: 'hipModuleLoadData:1+' };
    expect((await run(auto, alone, failing)).told).toEqual(['gfx1034', '10.3.0']);
    const late = `await thalweg.openDevice('hip'); ${open('10.3.0', 'hip')}`;
    expect((await run(late, alone, hip)).told).toEqual(tooLate);
  });

  it('does nothing to the CPU device, and loads no driver for it', async () => {
    const body = `
      const cpu = await thalweg.openDevice('cpu', { hsaOverride: '10.3.0' });
      const late = await tell(thalweg.openDevice('opencl', { hsaOverride: '10.3.0' }));
      return [cpu.id, late];`;
    const { told, variables } = await run(body, alone, needy);
    expect({ told, variables }).toEqual({
      told: ['cpu', 'gfx1030'],
      variables: ['HSA_OVERRIDE_GFX_VERSION=10.3.0'],
    });
  });

  it.each([['10.3'], ['gfx1030'], ['0.3.0'], ['64.0.0'], ['10.256.0'], ['10.3.0a'], [''], [true], [10]])(
    'is refused where AMD would not understand it: %p',
    async (hsaOverride) => {
      await expectRejection(openDevice('cpu', { hsaOverride: hsaOverride as never }), {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'hsaOverride',
        message: "'auto' or a version in decimal digits, as '10.3.0' for gfx1030",
      });
    },
  );

  it('is the only option there is', async () => {
    await expectRejection(openDevice('cpu', { override: '10.3.0' } as never), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'override',
      message: 'its options are hsaOverride',
    });
    await expectRejection(openDevice('cpu', null as never), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'options',
      message: 'options must be an object',
    });
  });
});

describe('--hsa-override', () => {
  const machine = fakeMachine(alone);
  const data = 'examples/data/diabetes.csv';

  async function commandLine(args: string[], variables: Record<string, string>): Promise<[Cli, string[][]]> {
    const record = driver.newRecord();
    const env = {
      THALWEG_OPENCL_LIBRARY: driver.library,
      THALWEG_HIP_LIBRARY: '/nowhere/libamdhip64.so',
      THALWEG_CACHE: 'off',
      THALWEG_SYSTEM_ROOT: machine,
      FAKE_DRIVER_RECORD: record,
      ...variables,
    };
    const ended = await thalweg(args, { env });
    return [ended, recorded(record).map((load) => load.variables)];
  }

  it.each([
    ['--hsa-override', []],
    ['--hsa-override=10.3.0', undefined],
  ])('opens the device as a gfx1030 in fit, evaluate and predict: %s', async (option, probed) => {
    const folder = path.dirname(driver.library);
    const model = path.join(folder, 'model.json');
    const device = ['--device', 'gpu', option];
    const loads = [...(probed === undefined ? [] : [probed]), ['HSA_OVERRIDE_GFX_VERSION=10.3.0']];
    const fit = ['fit', data, '--target', 'progression', '--iterations', '3', '--output', model, '--json'];
    for (const command of [
      fit,
      ['evaluate', model, data, '--json'],
      ['predict', model, data, '--output', path.join(folder, 'predictions.csv')],
    ]) {
      const [ended, variables] = await commandLine([...command, ...device], needy);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(variables).toEqual(loads);
      if (command.includes('--json')) expectOn(ended, 'opencl:0');
    }
  });

  it('is wrong usage with a value that is no version', async () => {
    const [ended, loads] = await commandLine(
      ['fit', data, '--target', 'progression', '--hsa-override', 'gfx1030'],
      {},
    );
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/--hsa-override.*10\.3\.0/);
    expect(loads).toEqual([]);
  });
});

function expectOn({ stdout }: Cli, device: string): void {
  expect(JSON.parse(stdout)).toMatchObject({ device });
}
