import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Diagnosis, devices, diagnose } from '../../lib';
import { devicesAsToldElsewhere, expectFailure, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();

test('devices --json prints what devices() gives', async () => {
  const listed = await json(['devices']);
  expect(listed).toEqual(await devicesAsToldElsewhere());
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
  // The command has none of the tests' variables: the diagnosis in this process is to name the same cache.
  const { THALWEG_CACHE: cache } = process.env;
  beforeAll(() => {
    delete process.env['THALWEG_CACHE'];
  });
  afterAll(() => {
    if (cache !== undefined) process.env['THALWEG_CACHE'] = cache;
  });

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
    expect(finding?.fix).toEqual(expect.arrayContaining([expect.stringMatching(/^sudo \w+ /)]));
    expect(code).toBe(1);
  });

  test('works where the addon cannot be loaded', async () => {
    const { code, stdout } = await thalweg(['doctor', '--json'], {
      nodeArguments: ['--require', breakAddon()],
    });
    const { ok, findings } = JSON.parse(stdout) as Diagnosis;
    expect(ok).toBe(false);
    const missing = findings.find((finding) => finding.code === 'ADDON_NOT_FOUND');
    expect(missing).toMatchObject({ level: 'problem' });
    expect(missing?.fix?.[0]).toBe('npx thalweg build');
    expect(code).toBe(1);
    await expectFailure(
      ['devices'],
      { code: 'ERR_ADDON_NOT_FOUND', message: /npx thalweg build/ },
      { nodeArguments: ['--require', breakAddon()] },
    );
  });

  test('says which variable has a value that is not allowed', async () => {
    const { stdout } = await thalweg(['doctor', '--json'], { env: { THALWEG_THREADS: 'many' } });
    const { ok, findings } = JSON.parse(stdout) as Diagnosis;
    expect(ok).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'ENVIRONMENT_INVALID',
        level: 'problem',
        fix: ['unset THALWEG_THREADS'],
      }),
    );
  });
});

/** A module that makes every addon fail to load, as one for another platform does. */
function breakAddon(): string {
  const file = path.join(folder, 'break-addon.cjs');
  writeFileSync(file, "process.dlopen = () => { throw new Error('invalid ELF header'); };\n");
  return file;
}
