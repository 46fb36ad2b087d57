import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './support';
import { packedFiles, tarballPath, withUnpacked } from './tarball';

function bin(name: string, ...args: string[]) {
  return run(path.join(root, 'node_modules', '.bin', name), args);
}

test('publint finds nothing', () => {
  const { status, stdout } = bin('publint', 'run', tarballPath(), '--strict');
  expect(stdout).toContain('All good!');
  expect(status).toBe(0);
});

test('are-the-types-wrong finds nothing', () => {
  const { status, stdout } = bin('attw', tarballPath(), '--format', 'json');
  const { analysis, problems } = JSON.parse(stdout) as {
    analysis: { problems: unknown[] };
    problems?: object;
  };
  expect(analysis.problems).toEqual([]);
  expect(problems ?? {}).toEqual({});
  expect(status).toBe(0);
});

test('installing runs no script of this package', () => {
  withUnpacked((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>;
      gypfile?: boolean;
    };
    const onInstall = Object.keys(manifest.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name));
    expect(onInstall).toEqual([]);
    // Without this npm adds an install script of its own to a package with a binding.gyp.
    expect(manifest.gypfile).toBe(false);
  });
});

test('the tarball carries what runs, what builds, and nothing else', () => {
  const folders = [...new Set(packedFiles().map((file) => file.split('/')[0]))].sort();
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'docs', 'examples'];
  const runs = ['dist', 'package.json', 'prebuilds'];
  const builds = ['binding.gyp', 'kernels', 'native', 'scripts'];
  expect(folders).toEqual([...texts, ...runs, ...builds].sort());
  expect(packedFiles()).toContain(`prebuilds/${process.platform}-${process.arch}/thalweg.glibc.node`);
});

test('every compiled file in it has a source', () => {
  const compiled = packedFiles().filter((file) => /^dist\/.*[jt]s$/.test(file));
  expect(compiled).toContain('dist/index.js');
  const source = (file: string) => file.replace(/^dist/, 'lib').replace(/(\.d\.ts|\.m?js)$/, '.ts');
  expect(compiled.filter((file) => !existsSync(path.join(root, source(file))))).toEqual([]);
});
