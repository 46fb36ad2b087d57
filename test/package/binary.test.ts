import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { output, prebuiltFolder, root } from './support';

// glibc of Ubuntu 22.04, the oldest system that the README names.
const newestGlibc = [2, 35] as const;

function prebuilt(): string {
  const names = readdirSync(prebuiltFolder);
  expect(names).toEqual([expect.stringMatching(/^thalweg\.(glibc|musl)\.node$/)]);
  return path.join(prebuiltFolder, names[0] ?? '');
}

function dynamicSymbols(...flags: string[]): string[] {
  return output('nm', ['--dynamic', ...flags, prebuilt()])
    .trim()
    .split('\n');
}

test('it exports what Node-API asks for and nothing else', () => {
  const names = dynamicSymbols('--defined-only').map((line) => line.split(' ').at(-1));
  expect(names.sort()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
});

test('it asks of Node nothing but Node-API', () => {
  // Weak references, as those of libstdc++ to transactional memory, need nobody to answer them.
  const lines = dynamicSymbols('--undefined-only').filter((line) => line.includes(' U '));
  const names = lines.map((line) => line.trim().split(' ').at(-1) ?? '');
  expect(names.filter((name) => name.startsWith('napi_')).length).toBeGreaterThan(10);
  // What the C library answers carries its version; Node's own symbols and V8's carry none.
  expect(names.filter((name) => !name.includes('@') && !/^(napi_|node_api_)/.test(name))).toEqual([]);
});

test('it is linked to the C library alone', () => {
  const lines = output('readelf', ['--dynamic', '--wide', prebuilt()]).split('\n');
  const needed = lines.flatMap((line) => /\(NEEDED\).*\[(.+)\]/.exec(line)?.[1] ?? []);
  expect(needed).toContain('libc.so.6');
  const allowed = /^(lib(c|m|dl|pthread|rt)\.so\.\d|ld-linux.*)/;
  expect(needed.filter((library) => !allowed.test(library))).toEqual([]);
});

test('it needs no newer glibc than that of Ubuntu 22.04', () => {
  const versions = output('readelf', ['--version-info', '--wide', prebuilt()]).matchAll(
    /GLIBC_(\d+)\.(\d+)/g,
  );
  const minors = [...versions].map(([, major, minor]) => {
    expect(Number(major)).toBe(newestGlibc[0]);
    return Number(minor);
  });
  expect(minors.length).toBeGreaterThan(0);
  expect(Math.max(...minors)).toBeLessThanOrEqual(newestGlibc[1]);
});

test('it holds the text of every kernel file', () => {
  const binary = readFileSync(prebuilt());
  const { kernels } = JSON.parse(readFileSync(path.join(root, 'native/build.json'), 'utf8')) as {
    kernels: string[];
  };
  expect(kernels.length).toBeGreaterThan(0);
  const missing = kernels.filter((kernel) => !binary.includes(readFileSync(path.join(root, kernel))));
  expect(missing).toEqual([]);
});

/** The functions of the development build, which keeps its symbols, that match one of these instructions. */
function functionsUsing(instruction: RegExp): Set<string> {
  const addon = path.join(root, 'build', 'Release', 'thalweg.node');
  const found = new Set<string>();
  let current = '';
  for (const line of output('objdump', ['--disassemble', '--no-show-raw-insn', addon]).split('\n')) {
    current = /^[0-9a-f]+ <(.+)>:$/.exec(line)?.[1] ?? current;
    if (instruction.test(line)) found.add(current);
  }
  return found;
}

// An inline function that a level instantiates may be the copy that everyone calls: it then must be one that
// every machine can run. Only x86-64 has such levels.
if (process.arch === 'x64') {
  describe('vector instructions', () => {
    test('256 and 512 bits wide stand in the code of the levels that need them, and nowhere else', () => {
      const wide = [...functionsUsing(/%[yz]mm\d/)];
      expect(wide.filter((name) => name.includes('x86_64_v3')).length).toBeGreaterThan(0);
      expect(wide.filter((name) => name.includes('x86_64_v4')).length).toBeGreaterThan(0);
      expect(wide.filter((name) => !/x86_64_v[34]/.test(name))).toEqual([]);
    });

    test('of 512 bits stand in the highest level alone', () => {
      const widest = [...functionsUsing(/%zmm\d/)];
      expect(widest.filter((name) => !name.includes('x86_64_v4'))).toEqual([]);
    });

    test('with a VEX prefix stand in no code that an older machine runs', () => {
      const vex = [
        ...functionsUsing(/\tv(add|sub|mul|div|fm|fnm|mov|xor|pxor|broadcast|cvt|insert|extract)\w+ /),
      ];
      expect(vex.length).toBeGreaterThan(0);
      expect(vex.filter((name) => !/x86_64_v[34]/.test(name))).toEqual([]);
    });
  });
}
