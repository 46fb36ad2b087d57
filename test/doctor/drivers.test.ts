import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnosis } from '../../lib';
import { main, thalweg } from '../cli/thalweg';
import { recorded } from './fake-driver';
import { emulators } from '../hip/emulator';
import { type Examination, desktop, examine, library, native } from './examine';
import { type Machine, cpuNode, radeonPro, rx6500xt, rx9060xt } from './machine';

/** Long enough for a small fit here, short enough to wait for in vain. */
const patience = { THALWEG_PROBE_SECONDS: '10' };

describe('a driver that fails', () => {
  it.each([
    [
      'crash-platforms',
      'OPENCL_CRASHES',
      /ends the process \(SIGABRT\)\.\nIt said:\nfake driver: about to crash$/,
    ],
    ['hang-platforms', 'OPENCL_HANGS', /has no end; given up after 5 s\.$/],
  ])('when it is asked for its devices: %s', async (fault, code, what) => {
    const variables = { ...native, FAKE_DRIVER_FAULT: fault, THALWEG_PROBE_SECONDS: '5' };
    const found = await examine(desktop, variables);
    expect(found.finding(code)).toMatchObject({
      level: 'problem',
      what: expect.stringMatching(what) as unknown,
    });
    expect(found.finding(code).fix).toEqual(['sudo pacman -Syu']);
    // The rest is examined all the same.
    expect(found.finding('GPU_UNUSED').level).toBe('problem');
    expect(found.finding('MEMORY_READY').what).toMatch(/^Memory: cpu [\d.]+ GiB\.$/);
  });

  it.each([
    [
      'crash-build',
      'DEVICE_CRASHES',
      /^opencl:0 \(gfx1034\) ends the process \(SIGABRT\) while it compiles or runs kernels/,
    ],
    [
      'hang-build',
      'DEVICE_HANGS',
      /^opencl:0 \(gfx1034\) has no end while it compiles or runs kernels; given up after 10 s/,
    ],
    ['fail-build', 'COMPILER_FAILED', /^The driver of opencl:0 \(gfx1034\) does not compile the kernels\./],
    [
      'wrong-results',
      'DEVICE_WRONG',
      /^opencl:0 \(gfx1034\) computes wrong results: weights differ .* by [\d.]+ %/,
    ],
  ])('when a neuron is trained on its device: %s', async (fault, code, what) => {
    const found = await examine(desktop, { ...native, ...patience, FAKE_DRIVER_FAULT: fault });
    expect(found.finding(code)).toMatchObject({
      level: 'problem',
      what: expect.stringMatching(what) as unknown,
      fix: expect.arrayContaining(['sudo pacman -Syu']) as unknown,
    });
    expect(found.finding('GPU_BROKEN')).toMatchObject({
      level: 'problem',
      fix: ['export THALWEG_DEVICE=cpu'],
    });
    expect(found.codes).not.toContain('DEVICE_WORKS');
    expect(found.exitCode).toBe(1);
  });

  it.each([
    ['crash-load', 'HIP_CRASHES', /^Asking HIP for its devices ends the process \(SIGABRT\)\./],
    ['hang-load', 'HIP_HANGS', /^Asking HIP for its devices has no end; given up after 10 s\./],
  ])('in place of HIP leaves OpenCL as it is: %s', async (fault, code, what) => {
    const hip = { THALWEG_HIP_LIBRARY: library, FAKE_DRIVER_FAULT: fault, ...patience };
    const found = await examine(desktop, { ...hip, THALWEG_OPENCL_LIBRARY: 'libOpenCL.so.1' });
    expect(found.finding(code)).toMatchObject({
      level: 'problem',
      what: expect.stringMatching(what) as unknown,
    });
    expect(found.codes).toContain('OPENCL_READY');
    expect(found.codes).toContain('DEVICE_WORKS');
  });

  it('is told by the call that failed', async () => {
    const hip = { THALWEG_HIP_LIBRARY: emulators().wave32, HIP_EMULATOR_FAIL: 'hipInit:1=999' };
    const found = await examine(desktop, { ...native, ...hip });
    expect(found.finding('HIP_RUNTIME_BROKEN')).toMatchObject({
      level: 'problem',
      what: expect.stringContaining('hipInit') as unknown,
      fix: expect.arrayContaining(['sudo pacman -Syu']) as unknown,
    });
    expect(found.finding('GPU_READY').level).toBe('ok');
  });

  it('does not keep the doctor from ending at once where it is stopped', async () => {
    const record = path.join(path.dirname(library), 'stopped');
    const fault = { FAKE_DRIVER_FAULT: 'hang-platforms', FAKE_DRIVER_RECORD: record };
    const env = { ...process.env, THALWEG_OPENCL_LIBRARY: library, ...fault };
    const child = spawn(process.execPath, [main, 'doctor'], { env, stdio: 'ignore' });
    while (recorded(record).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(130);
    const [{ pid } = { pid: 0 }] = recorded(record);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('is named where several are registered', async () => {
    // Read by the system's own loader: what it knows already, and the fake driver, which ends whoever loads it.
    const vendors = `${path.join(path.dirname(library), 'vendors')}/`;
    cpSync('/etc/OpenCL/vendors', vendors, { recursive: true });
    writeFileSync(path.join(vendors, 'broken.icd'), `${library}\n`);
    const env = { ...patience, OCL_ICD_VENDORS: vendors, FAKE_DRIVER_FAULT: 'crash-load' };
    const { stdout, code } = await thalweg(['doctor', '--json'], { env });
    const { findings } = JSON.parse(stdout) as Diagnosis;
    expect(findings.find((finding) => finding.code === 'OPENCL_CRASHES')).toMatchObject({
      what: expect.stringContaining('ends the process (SIGABRT); it is the driver of broken.icd.') as unknown,
    });
    expect(code).toBe(1);
  });
});

describe('override variables', () => {
  const alone: Machine = desktop;
  const together: Machine = { ...desktop, nodes: [cpuNode, rx6500xt, rx9060xt] };
  const version = 'HSA_OVERRIDE_GFX_VERSION';

  it.each([
    [
      'for the only GPU',
      { [version]: '10.3.0' },
      alone,
      `${version}=10.3.0 has the driver take gfx1034 (node 1) for gfx1030.`,
    ],
    [
      'for one of two by its node',
      { [`${version}_1`]: '10.3.0' },
      together,
      `${version}_1=10.3.0 has the driver take gfx1034 (node 1) for gfx1030.`,
    ],
  ])('that fit: %s', async (_name, variables, machine, what) => {
    const found = await examine(machine, { ...variables, FAKE_DRIVER_TARGET: 'gfx1030' });
    expect(found.finding('OVERRIDE_SET')).toEqual({
      ...{ code: 'OVERRIDE_SET', level: 'ok', what },
      fix: ['npx thalweg check'],
    });
    expect(found.codes).not.toContain('OVERRIDE_SUGGESTED');
  });

  it('that hit a GPU of another generation, too', async () => {
    const found = await examine(together, { [version]: '10.3.0', FAKE_DRIVER_TARGET: 'gfx1030' });
    expect(found.finding('OVERRIDE_UNFIT')).toMatchObject({
      level: 'problem',
      what: expect.stringContaining('gfx1200 (node 2) for gfx1030') as unknown,
      fix: [`unset ${version}`, `export ${version}_1=10.3.0`],
    });
  });

  it('that are for no GPU', async () => {
    const found = await examine({ files: {} }, { [version]: '10.3.0' });
    expect(found.finding('OVERRIDE_UNFIT')).toMatchObject({ level: 'warning', fix: [`unset ${version}`] });
  });

  it('that are no version', async () => {
    const found = await examine(alone, { [version]: 'gfx1030' });
    expect(found.finding('OVERRIDE_INVALID')).toMatchObject({ level: 'problem' });
    expect(found.finding('OVERRIDE_INVALID').fix).toContain(`unset ${version}`);
  });

  it('that hide GPUs', async () => {
    const hiding = [
      'ROCR_VISIBLE_DEVICES',
      'HIP_VISIBLE_DEVICES',
      'CUDA_VISIBLE_DEVICES',
      'GPU_DEVICE_ORDINAL',
    ];
    const variables = Object.fromEntries(hiding.map((name) => [name, '0']));
    const { diagnosis } = await examine(alone, { ...native, ...variables });
    const found = diagnosis.findings.filter(({ code }) => code === 'OVERRIDE_HIDES');
    expect(found.map(({ level, fix }) => [level, fix])).toEqual(
      hiding.map((name) => ['warning', [`unset ${name}`]]),
    );
  });

  it('that would help, which is tried first', async () => {
    const found = await examine(alone, { FAKE_DRIVER_NEEDS: version });
    expect(found.finding('OPENCL_NO_DEVICES').level).toBe('warning');
    expect(found.finding('OVERRIDE_SUGGESTED')).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('gfx1034 (node 1)') as unknown,
      fix: expect.arrayContaining([`export ${version}=10.3.0`]) as unknown,
    });
    expect(found.exitCode).toBe(1);
  });

  it('that would help one of two GPUs', async () => {
    const found = await examine(together, { FAKE_DRIVER_NEEDS: `${version}_1` });
    expect(found.finding('OVERRIDE_SUGGESTED').fix).toContain(`export ${version}_1=10.3.0`);
  });

  it('that do not help are not suggested', async () => {
    const found = await examine(alone, { FAKE_DRIVER_NEEDS: 'NO_SUCH_VARIABLE' });
    expect(found.codes).not.toContain('OVERRIDE_SUGGESTED');
    expect(found.finding('OVERRIDE_NONE').level).toBe('ok');
  });

  describe('for a gfx803', () => {
    const polaris: Machine = { ...desktop, nodes: [cpuNode, radeonPro] };

    it('that help', async () => {
      const needy = { FAKE_DRIVER_NEEDS: 'ROC_ENABLE_PRE_VEGA', FAKE_DRIVER_TARGET: 'gfx803' };
      const found = await examine(polaris, needy);
      expect(found.finding('OVERRIDE_PRE_VEGA').fix).toContain('export ROC_ENABLE_PRE_VEGA=1');
    });

    it('that do not, under a later ROCm', async () => {
      const files = { ...desktop.files, '/opt/rocm/.info/version': '6.2.4-120\n' };
      const found: Examination = await examine(
        { ...polaris, files },
        { FAKE_DRIVER_NEEDS: 'NO_SUCH_VARIABLE' },
      );
      const { what, fix } = found.finding('OVERRIDE_PRE_VEGA');
      expect(what).toMatch(/ROCm 6 and later do not \(here is 6\.2\.4\)/);
      expect(fix).toBeUndefined();
    });
  });
});
