import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../cli/thalweg';
import { desktop, examine } from './examine';

const base = temporaryFolder();
const entry = `${'0'.repeat(32)}.code`;

/** A cache folder with an entry, and a folder that is none of thalweg's. */
function cacheOf(folderMode: number, entryMode: number): string {
  const folder = mkdtempSync(path.join(base, 'cache-'));
  mkdirSync(path.join(folder, 'other'));
  writeFileSync(path.join(folder, entry), '');
  chmodSync(path.join(folder, entry), entryMode);
  chmodSync(folder, folderMode);
  return folder;
}

const codeOf = async (cache: string) => {
  const { diagnosis } = await examine(desktop, { THALWEG_CACHE: cache });
  return diagnosis.findings.filter(({ code }) => code.startsWith('CACHE'));
};

it('says where compiled kernels are kept, and whether they are', async () => {
  const folder = cacheOf(0o700, 0o600);
  expect(await codeOf(folder)).toEqual([
    {
      code: 'CACHE_READY',
      level: 'ok',
      what: `Compiled kernels and measurements are kept in ${folder}.`,
    },
  ]);
  expect(await codeOf('off')).toMatchObject([{ code: 'CACHE_OFF', level: 'ok' }]);
});

it.each([
  ['the folder', 0o777, 0o600, /Nothing in the cache folder is used.*others than you may write/],
  ['a file', 0o700, 0o666, new RegExp(`ignored: ${entry}\\.`)],
])(
  'warns where another user may have written %s, and says what mends it',
  async (_what, folder, file, what) => {
    const cache = cacheOf(folder, file);
    expect(await codeOf(cache)).toEqual([
      {
        code: 'CACHE_UNSAFE',
        level: 'warning',
        what: expect.stringMatching(what) as unknown,
        fix: expect.arrayContaining([expect.stringContaining(`rm -r '${cache}'`)]) as unknown,
      },
    ]);
  },
);

it('warns where nothing can be kept', async () => {
  expect(await codeOf(path.join(__filename, 'cache'))).toMatchObject([
    { code: 'CACHE_UNUSABLE', level: 'warning', what: expect.stringMatching(/Not a directory/) as unknown },
  ]);
});

describe('PoCL, which does nothing without a folder for what it compiles', () => {
  const poclOf = async (variables: Record<string, string>): Promise<unknown[]> => {
    const { diagnosis } = await examine(desktop, { FAKE_DRIVER_BOARD: 'none', ...variables });
    return diagnosis.findings.filter(({ code }) => /^POCL|NO_DEVICES/.test(code));
  };
  const toldOf = (folder: string): unknown[] => [
    {
      code: 'POCL_CACHE_UNUSABLE',
      level: 'warning',
      what: `PoCL, OpenCL on the CPU, does not work, since it cannot keep what it compiles in ${folder}: ${__filename} is no folder.`,
      fix: ['Name a folder of your own with POCL_CACHE_DIR.'],
    },
  ];

  it('is told of where it lists a device that compiles nothing, and where it lists none', async () => {
    expect(await poclOf({ POCL_CACHE_DIR: __filename })).toEqual(toldOf(__filename));
    const below = path.join(__filename, 'pocl');
    expect(await poclOf({ POCL_CACHE_DIR: below })).toEqual(toldOf(below));
  });

  it.each([
    ['XDG_CACHE_HOME', 'pocl'],
    ['HOME', '.cache/pocl'],
  ])('is told of with the folder that %s makes', async (name, rest) => {
    const told = await poclOf({ THALWEG_CACHE: 'off', [name]: __filename });
    expect(told).toEqual(toldOf(path.join(__filename, rest)));
  });

  it('is no finding where it can write', async () => {
    expect(await poclOf({ POCL_CACHE_DIR: path.join(base, 'made', 'on', 'the', 'way') })).toEqual([]);
  });
});
