import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { forked } from '../support/forked';
import { emulators, program } from './emulator';

/** What training comes to with compiled kernels in `cache`, and whether the compiler fails if it is asked. */
async function train(cache: string, library: string, compilerFails = false): Promise<unknown> {
  const ending = await forked(program('train.cjs'), [], {
    THALWEG_HIP_LIBRARY: library,
    THALWEG_CACHE: cache,
    ...(compilerFails ? { HIP_EMULATOR_FAIL: 'hiprtcCompileProgram:1+' } : {}),
  });
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  const { theta, code } = JSON.parse(ending.stdout) as { theta?: number[]; code?: string };
  return theta ?? code;
}

describe('compiled kernels on disk', () => {
  const { wave32, wave64 } = emulators();
  let folder: string;
  let theta: unknown;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'thalweg-cache-'));
    theta = await train(path.join(folder, 'made', 'as', 'needed'), wave32);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const cache = () => path.join(folder, 'made', 'as', 'needed');
  const entries = () => readdirSync(cache()).map((file) => path.join(cache(), file));

  it('are whole files under their own names only', () => {
    expect(theta).toHaveLength(2);
    expect(entries().length).toBeGreaterThan(3);
    expect(entries().filter((file) => !/^[0-9a-f]{32}\.code$/.test(path.basename(file)))).toEqual([]);
  });

  it('spare the next process the compiler', async () => {
    expect(await train(cache(), wave32, true)).toEqual(theta);
  });

  it('are of one instruction set', async () => {
    expect(await train(cache(), wave64, true)).toBe('ERR_KERNEL_BUILD');
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 100)],
    ['empty', () => Buffer.alloc(0)],
    [
      'with a wrong byte',
      (bytes: Buffer) => bytes.fill(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1),
    ],
    ['of something else', () => Buffer.from('not compiled code')],
  ])('are made again where one is %s', async (_what, spoiled) => {
    const [first] = entries();
    if (first === undefined) throw new Error('the cache is empty');
    const intact = readFileSync(first);
    for (const file of entries()) writeFileSync(file, spoiled(readFileSync(file)));
    expect(await train(cache(), wave32)).toEqual(theta);
    expect(await train(cache(), wave32, true)).toEqual(theta);
    expect(readFileSync(first).length).toBe(intact.length);
  });

  it('are not kept with THALWEG_CACHE=off, and are no error where nothing can be written', async () => {
    const closed = mkdtempSync(path.join(folder, 'closed-'));
    const file = path.join(closed, 'file');
    writeFileSync(file, '');
    chmodSync(closed, 0o500);
    // Below a file no folder can be made, whoever asks.
    expect(await train(path.join(file, 'cache'), wave32)).toEqual(theta);
    expect(await train('off', wave32)).toEqual(theta);
    expect(readdirSync(closed)).toEqual(['file']);
  });

  describe('that another user may have written', () => {
    let own: string;

    beforeEach(() => {
      own = mkdtempSync(path.join(folder, 'own-'));
      cpSync(cache(), own, { recursive: true });
    });

    const each = (change: (file: string) => void): void => {
      readdirSync(own).forEach((name) => {
        change(path.join(own, name));
      });
    };

    it('are none where folder and files are as they were made', async () => {
      const mode = (file: string): number => statSync(file).mode & 0o777;
      expect([path.dirname(cache()), cache()].map(mode)).toEqual([0o700, 0o700]);
      expect(new Set(entries().map(mode))).toEqual(new Set([0o600]));
      expect(await train(own, wave32, true)).toEqual(theta);
    });

    // What else makes a folder or a file another's: test/files/private-files.test.ts.
    it.each<[string, () => void]>([
      [
        'in a folder that others may write',
        () => {
          chmodSync(own, 0o777);
        },
      ],
      [
        'in files that others may write',
        () => {
          each((file) => {
            chmodSync(file, 0o602);
          });
        },
      ],
      [
        'where a FIFO has taken their place',
        () => {
          each((file) => {
            rmSync(file);
            execFileSync('mkfifo', [file]);
          });
        },
      ],
    ])('are not loaded: %s', async (_what, change) => {
      change();
      expect(await train(own, wave32, true)).toBe('ERR_KERNEL_BUILD');
    });

    it('are none of what killed processes left, which is removed', async () => {
      const left = path.join(own, '.thalweg-999999999-0123456789abcdef.tmp');
      writeFileSync(left, 'half');
      utimesSync(left, 0, 0);
      expect(await train(own, wave32, true)).toEqual(theta);
      expect(existsSync(left)).toBe(false);
    });
  });
});
