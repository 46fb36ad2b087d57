import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gpuFinding } from '../../lib/doctor/gpu';
import { type DeviceInfo, type Diagnosis, devices, diagnose } from '../../lib';
import { expectFailure, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();

test('devices --json prints what devices() gives', async () => {
  const listed = await json(['devices']);
  expect(listed).toEqual(await devices());
});

test('devices prints a table with a line for each', async () => {
  const { code, stdout } = await thalweg(['devices']);
  expect(code).toBe(0);
  const [head, ...lines] = stdout.split('\n');
  expect(head).toMatch(/^ {2}device +name +type +units +memory +float64 +driver$/);
  const ids = (await devices()).map(({ id }) => id);
  expect(lines.slice(0, ids.length).map((line) => line.trim().split(/ +/)[0])).toEqual(ids);
  expect(lines[0]).toMatch(/^ {2}cpu +\S.* +cpu +\d+ +[\d.]+ GiB +yes +\S/);
});

describe('doctor', () => {
  test('finds the addon and the CPU, and says whether a GPU works', async () => {
    const { code, stdout } = await thalweg(['doctor', '--json']);
    const { ok, findings } = JSON.parse(stdout) as Diagnosis;
    const hasGpu = (await devices()).some(({ type }) => type === 'gpu');
    expect({ ok, code }).toEqual({ ok: hasGpu, code: hasGpu ? 0 : 1 });
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'ADDON_READY', level: 'ok' }),
        expect.objectContaining({ code: 'CPU_READY', level: 'ok' }),
        expect.objectContaining({ code: expect.stringMatching(/^GPU_/) as unknown }),
      ]),
    );
    expect(await diagnose()).toEqual({ ok, findings });
  });

  test('prints each finding with its code', async () => {
    const { stdout, stderr } = await thalweg(['doctor']);
    expect(stderr).toBe('');
    for (const { code, what } of (await diagnose()).findings) {
      expect(stdout).toContain(code);
      expect(stdout).toContain(what.split('\n')[0]);
    }
    expect(stdout).toMatch(/\n\n(A|No) GPU works\.\n$/);
  });

  test('says that OpenCL cannot be loaded, and what to install', async () => {
    const { code, stdout } = await thalweg(['doctor', '--json'], {
      env: { THALWEG_OPENCL_LIBRARY: '/no/such/library.so' },
    });
    const { findings } = JSON.parse(stdout) as Diagnosis;
    const finding = findings.find((found) => found.code === 'OPENCL_LIBRARY_MISSING');
    expect(finding).toMatchObject({
      level: 'problem',
      what: expect.stringContaining('/no/such/library.so') as unknown,
    });
    expect(finding?.fix?.join(' ')).toMatch(/apt install/);
    expect(code).toBe(1);
  });

  test('works where the addon cannot be loaded', async () => {
    // node-gyp-build's switch, in a folder without prebuilds.
    const { code, stdout } = await thalweg(['doctor', '--json'], {
      nodeArguments: ['--require', breakAddon()],
    });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      findings: [{ code: 'ADDON_NOT_FOUND', level: 'problem', fix: ['npx thalweg build'] }],
    });
    expect(code).toBe(1);
    await expectFailure(
      ['devices'],
      { code: 'ERR_ADDON_NOT_FOUND', message: /npx thalweg build/ },
      { nodeArguments: ['--require', breakAddon()] },
    );
  });

  test('says which variable has a value that is not allowed', async () => {
    const { stdout } = await thalweg(['doctor', '--json'], { env: { THALWEG_THREADS: 'many' } });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      findings: [{ code: 'ENVIRONMENT_INVALID', fix: ['unset THALWEG_THREADS'] }],
    });
  });
});

/** A module that makes every addon fail to load, as one for another platform does. */
function breakAddon(): string {
  const file = path.join(folder, 'break-addon.cjs');
  writeFileSync(file, "process.dlopen = () => { throw new Error('invalid ELF header'); };\n");
  return file;
}

describe('graphics cards', () => {
  const cpu: DeviceInfo = {
    ...{ id: 'cpu', backend: 'cpu', name: 'CPU', type: 'cpu', vendor: '', driver: '' },
    ...{ computeUnits: 1, memoryBytes: 1, float64: true },
  };
  const gpu: DeviceInfo = { ...cpu, id: 'opencl:0', backend: 'opencl', name: 'RX 6500 XT', type: 'gpu' };

  /** A PCI bus with one device, as the kernel shows it. */
  function bus(name: string, kind: string, vendor: string): string {
    const slot = path.join(folder, name, '0000:03:00.0');
    mkdirSync(slot, { recursive: true });
    for (const [file, value] of Object.entries({ class: kind, vendor, device: '0x743f' })) {
      writeFileSync(path.join(slot, file), `${value}\n`);
    }
    return path.join(folder, name);
  }

  test('one that can be used', async () => {
    expect(await gpuFinding([cpu, gpu], bus('used', '0x030000', '0x1002'))).toMatchObject({
      code: 'GPU_READY',
      level: 'ok',
      what: expect.stringContaining('opencl:0 (RX 6500 XT)') as unknown,
    });
  });

  test('one that no driver offers', async () => {
    expect(await gpuFinding([cpu], bus('unused', '0x030000', '0x1002'))).toMatchObject({
      code: 'GPU_UNUSED',
      level: 'problem',
      what: expect.stringContaining('AMD 1002:743f') as unknown,
    });
  });

  test.each([
    ['a network card', '0x020000', '0x8086'],
    ['the display of a virtual machine', '0x030000', '0x1234'],
  ])('%s is none', async (name, kind, vendor) => {
    expect(await gpuFinding([cpu], bus(name, kind, vendor))).toMatchObject({
      code: 'GPU_NONE',
      level: 'problem',
    });
  });

  test('a machine without a PCI bus has none', async () => {
    expect(await gpuFinding([cpu], path.join(folder, 'absent'))).toMatchObject({ code: 'GPU_NONE' });
  });
});
