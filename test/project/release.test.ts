import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const url = 'https://code.example/someone/thing';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'thalweg-release-test-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Manifest extends Record<string, unknown> {
  readonly files: string[];
  readonly version: string;
}

const manifestOf = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

/** A tarball with the package's manifest, that README and a file of each folder that it names. */
function tarball(readme: string): string {
  const source = path.join(folder, 'source', 'package');
  mkdirSync(path.join(source, 'dist'), { recursive: true });
  copyFileSync(path.join(root, 'package.json'), path.join(source, 'package.json'));
  writeFileSync(path.join(source, 'README.md'), readme);
  writeFileSync(path.join(source, 'dist', 'index.js'), '');
  const file = path.join(folder, 'package.tgz');
  execFileSync('tar', ['-czf', file, '-C', path.join(folder, 'source'), 'package']);
  return file;
}

function release(...args: string[]): { status: number | null; stderr: string } {
  const script = path.join(root, 'scripts', 'release.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stderr };
}

/** What is in the tarball once it has been made ready. */
function released(readme: string): { manifest: Manifest; readme: string; files: string[] } {
  const file = tarball(readme);
  expect(release(file, `${url}.git`, 'v1.2.3')).toMatchObject({ status: 0 });
  const target = path.join(folder, 'target');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  execFileSync('tar', ['-xzf', file, '-C', target]);
  const files = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n').sort();
  const read = path.join(target, 'package');
  return {
    manifest: manifestOf(path.join(read, 'package.json')),
    readme: readFileSync(path.join(read, 'README.md'), 'utf8'),
    files,
  };
}

it('names the repository that releases in the packed manifest, which is otherwise that of the checkout', () => {
  const checkout = manifestOf(path.join(root, 'package.json'));
  const { manifest, files } = released('');
  const places = {
    repository: { type: 'git', url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
  };
  expect(manifest).toEqual({ ...checkout, ...places });
  // None is invented.
  for (const name of Object.keys(places)) expect(checkout).not.toHaveProperty(name);
  expect(files).toEqual(['package/README.md', 'package/dist/index.js', 'package/package.json']);
});

it('has relative links and pictures of README lead to the repository, and leaves the others and code', () => {
  const text = [
    '[api](docs/api.md#a), [here](./LICENSE), ![chart](docs/a.svg), [`x[0]`](examples/)',
    '[site](https://site.example/a), [below](#below), [mail](mailto:a@b.example)',
    '```js',
    'const a = b[0](c);',
    '```',
    '',
  ];
  expect(released(text.join('\n')).readme.split('\n')).toEqual([
    `[api](${url}/blob/v1.2.3/docs/api.md#a), [here](${url}/blob/v1.2.3/LICENSE), ` +
      `![chart](${url}/raw/v1.2.3/docs/a.svg), [\`x[0]\`](${url}/blob/v1.2.3/examples/)`,
    ...text.slice(1),
  ]);
});

it('leaves no relative link in README as it is', () => {
  const { readme } = released(readFileSync(path.join(root, 'README.md'), 'utf8'));
  const links = [...readme.matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target ?? '');
  expect(links.filter((target) => target.startsWith(`${url}/blob/v1.2.3/`)).length).toBeGreaterThan(5);
  expect(links.filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
});

it('refuses what is no repository, and leaves the tarball as it is', () => {
  const file = tarball('[a](b)');
  const before = readFileSync(file);
  for (const args of [[file], [file, 'someone/thing', 'v1'], [file, url]]) {
    expect(release(...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('usage: ') as string,
    });
  }
  expect(readFileSync(file).equals(before)).toBe(true);
});
