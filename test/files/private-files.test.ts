import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { addon } from '../../lib/addon/native';
import { temporaryFolder } from '../cli/thalweg';

const base = temporaryFolder();
const isRoot = process.getuid?.() === 0;
const nobody = 65534;
const files = addon();
const limit = 1000;
const mode = (file: string): number => statSync(file).mode & 0o777;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = path.join(mkdtempSync(path.join(base, 'case-')), 'own');
  file = path.join(folder, 'file');
  await files.writePrivate(folder, 'file', 'mine');
});

test('a folder and its files are made for their user alone, also on the way', async () => {
  const deep = path.join(folder, 'on', 'the', 'way');
  expect(await files.inspectFolder(deep, false)).toEqual({ kind: 'absent', untrusted: [] });
  expect(existsSync(path.join(folder, 'on'))).toBe(false);
  expect(await files.writePrivate(deep, 'file', 'Θ')).toBe('');
  expect(await files.readPrivate(deep, 'file', limit)).toBe('Θ');
  expect([path.join(folder, 'on'), deep, path.join(deep, 'file')].map(mode)).toEqual([0o700, 0o700, 0o600]);
  expect(await files.inspectFolder(deep, false)).toEqual({ kind: 'ready', untrusted: [] });
  expect(readdirSync(deep)).toEqual(['file']);
});

test('a file is replaced as a whole, whatever stood in its place', async () => {
  const elsewhere = path.join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'theirs');
  rmSync(file);
  symlinkSync(elsewhere, file);
  expect(await files.readPrivate(folder, 'file', limit)).toBeNull();
  expect(await files.writePrivate(folder, 'file', 'anew')).toBe('');
  expect(lstatSync(file).isFile()).toBe(true);
  expect(readFileSync(elsewhere, 'utf8')).toBe('theirs');
  rmSync(file);
  mkdirSync(file);
  expect(await files.writePrivate(folder, 'file', 'anew')).toMatch(/directory/);
  expect(readdirSync(folder).sort()).toEqual(['elsewhere', 'file']);
});

const asRoot = <Case>(...cases: Case[]): Case[] => (isRoot ? cases : []);

describe('a folder is not used', () => {
  const cases: [string, RegExp, () => void][] = [
    [
      'that others may write',
      /others than you may write/,
      () => {
        chmodSync(folder, 0o702);
      },
    ],
    [
      'that a group may write',
      /others than you may write/,
      () => {
        chmodSync(folder, 0o720);
      },
    ],
    // Only root can make what is another user's.
    ...asRoot<[string, RegExp, () => void]>(
      [
        'of another user',
        /belongs to user 65534, and this is user 0/,
        () => {
          chownSync(folder, nobody, nobody);
        },
      ],
      [
        'behind the link of another user',
        /the link .*own belongs to user 65534/,
        () => {
          renameSync(folder, `${folder}-moved`);
          symlinkSync(`${folder}-moved`, folder);
          lchownSync(folder, nobody, nobody);
        },
      ],
    ),
  ];

  test.each(cases)('%s', async (_what, why, change) => {
    change();
    const unsafe = { kind: 'unsafe', why: expect.stringMatching(why) as unknown, untrusted: [] };
    expect(await files.inspectFolder(folder, true)).toEqual(unsafe);
    expect(await files.readPrivate(folder, 'file', limit)).toBeUndefined();
    expect(await files.writePrivate(folder, 'other', 'mine')).toMatch(why);
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

test('a folder behind links of its user is used, relative and absolute, as part of the way too', async () => {
  const parent = path.dirname(folder);
  symlinkSync('own', path.join(parent, 'relative'));
  symlinkSync(parent, path.join(folder, 'absolute'));
  const way = path.join(folder, 'absolute', 'relative');
  expect(await files.readPrivate(way, 'file', limit)).toBe('mine');
  symlinkSync('circle', path.join(parent, 'circle'));
  expect((await files.inspectFolder(path.join(parent, 'circle'), true)).kind).toBe('failed');
});

test('what cannot be a folder fails, and says why', async () => {
  expect(await files.inspectFolder(path.join(file, 'below'), true)).toEqual({
    kind: 'failed',
    why: expect.stringMatching(/own\/file: Not a directory/) as unknown,
    untrusted: [],
  });
  expect(await files.writePrivate('/proc/thalweg', 'file', 'mine')).toMatch(/No such file|denied|permitted/);
});

describe('a file is not read', () => {
  const cases: [string, () => void][] = [
    [
      'that others may write',
      () => {
        chmodSync(file, 0o602);
      },
    ],
    [
      'that a group may write',
      () => {
        chmodSync(file, 0o620);
      },
    ],
    [
      'that is a FIFO',
      () => {
        rmSync(file);
        execFileSync('mkfifo', [file]);
      },
    ],
    [
      'that is a link',
      () => {
        renameSync(file, `${file}-moved`);
        symlinkSync('file-moved', file);
      },
    ],
    [
      'that is a folder',
      () => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    ...asRoot<[string, () => void]>([
      'of another user',
      () => {
        chownSync(file, nobody, nobody);
      },
    ]),
  ];

  test.each(cases)('%s', async (_what, change) => {
    change();
    expect(await files.readPrivate(folder, 'file', limit)).toBeNull();
    expect(await files.inspectFolder(folder, false)).toEqual({ kind: 'ready', untrusted: ['file'] });
  });

  test('that is larger than was asked for, or not there', async () => {
    expect(await files.readPrivate(folder, 'file', 3)).toBeNull();
    expect(await files.readPrivate(folder, 'file', 4)).toBe('mine');
    expect(await files.readPrivate(folder, 'absent', limit)).toBeUndefined();
  });
});

test('nothing is made in the folder of another user', async () => {
  const home = path.join(folder, 'home');
  mkdirSync(home);
  if (isRoot) chownSync(home, nobody, nobody);
  const cache = isRoot ? path.join(home, '.cache', 'thalweg') : '/thalweg';
  const why = isRoot ? /is not made, since .*home belongs to user 65534/ : /denied|Read-only/;
  expect(await files.writePrivate(cache, 'file', 'mine')).toMatch(why);
  expect(readdirSync(home)).toEqual([]);
});
