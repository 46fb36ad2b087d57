import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cleanEnvironment, output, root } from './support';

interface BuildList {
  sources: string[];
  kernels: string[];
  defines: string[];
  release: { defines: string[] };
  cpu: { source: string; levels: { name: string; arch?: string }[] };
}

const list = JSON.parse(readFileSync(path.join(root, 'native/build.json'), 'utf8')) as BuildList;
const levels = list.cpu.levels.filter(({ arch }) => arch === undefined || arch === process.arch);

function filesUnder(folder: string, ...extensions: string[]): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file))
    .filter((file) => extensions.includes(path.extname(file)))
    .sort();
}

test('every C++ source on disk is in the list, and every listed one on disk', () => {
  expect([...list.sources, list.cpu.source].sort()).toEqual(filesUnder('native', '.cc'));
});

// The prelude of the CPU's levels is compiled with them; the others are sent to a driver.
test('every kernel file on disk is in the list, and every listed one on disk', () => {
  const expected = [...list.kernels, 'kernels/math/prelude.cpu.h'].sort();
  expect(expected).toEqual(filesUnder('kernels', '.cl', '.h', '.hip'));
});

/** One compilation, in words that do not depend on the build that runs it. */
interface Compilation {
  readonly source: string;
  readonly defines: string[];
  /** Of flags that override one another the last, which is the one that holds. */
  readonly standard: string | undefined;
  readonly optimization: string | undefined;
  readonly machine: string | undefined;
  readonly contraction: string | undefined;
  readonly others: string[];
}

/** Set by Node's own build files; they change nothing in code that uses Node-API alone. */
const definesOfNode =
  /^(NODE_GYP_MODULE_NAME|USING_(UV|V8)_SHARED|V8_.*|_GLIBCXX_USE_CXX11_ABI|_FILE_OFFSET_BITS|_LARGEFILE_SOURCE|__STDC_FORMAT_MACROS|OPENSSL_.*|BUILDING_NODE_EXTENSION|thalweg_EXPORTS|NODE_WANT_.*)(=|$)/;

/** Flags that have to be the same in both builds, apart from those that override one another. */
const comparedFlag =
  /^-(W(?!no-unused-parameter$)|f(?!PIC$|no-omit-frame-pointer$|fp-contract=)|mprefer|pthread)/;

function parse(command: string, folder: string): Compilation {
  const words = command
    .replaceAll(/["\\]/g, '')
    .split(/\s+/)
    .map((word) => word.replace(`${folder}/`, ''));
  const last = (prefix: RegExp) => words.filter((word) => prefix.test(word)).at(-1);
  const source = words.at(-1) ?? '';
  return {
    source: source.endsWith('embedded_kernels.cc') ? 'embedded_kernels.cc' : source,
    defines: words
      .filter((word) => word.startsWith('-D'))
      .map((word) => word.slice(2))
      .filter((word) => !definesOfNode.test(word))
      .sort(),
    standard: last(/^-std=/),
    optimization: last(/^-O/),
    machine: last(/^-march=/),
    contraction: last(/^-ffp-contract=/),
    others: [...new Set(words.filter((word) => comparedFlag.test(word)))].sort(),
  };
}

function readCommands(file: string, folder: string): Compilation[] {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as { command: string }[];
  const key = ({ source, defines }: Compilation) => `${source} ${defines.join(' ')}`;
  return entries.map(({ command }) => parse(command, folder)).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What a build would run, from a copy of the sources in a folder of its own. */
class Configured {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'thalweg-configured-'));

  constructor() {
    for (const name of ['binding.gyp', 'CMakeLists.txt', 'package.json', 'native', 'kernels', 'scripts']) {
      cpSync(path.join(root, name), path.join(this.folder, name), { recursive: true });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(this.folder, 'node_modules'));
  }

  cmake(): Compilation[] {
    const args = ['configure', '-B', 'Release', '-O', 'build-cmake', '--log-level', 'error'];
    this.node('cmake-js/bin/cmake-js', args);
    return readCommands(path.join(this.folder, 'build-cmake/compile_commands.json'), this.folder);
  }

  gyp(): Compilation[] {
    const prefix = path.resolve(process.execPath, '../..');
    const local = existsSync(path.join(prefix, 'include/node/common.gypi')) ? [`--nodedir=${prefix}`] : [];
    const args = [
      'configure',
      '--release',
      ...local,
      '--loglevel',
      'error',
      '--',
      '-f',
      'compile_commands_json',
    ];
    this.node('node-gyp/bin/node-gyp.js', args);
    return readCommands(path.join(this.folder, 'build/Release/compile_commands.json'), this.folder);
  }

  private node(script: string, args: string[]): void {
    const env = cleanEnvironment();
    output(process.execPath, [path.join(root, 'node_modules', script), ...args], { cwd: this.folder, env });
  }
}

describe('the development build and the release build', () => {
  let cmake: Compilation[];
  let gyp: Compilation[];

  beforeAll(() => {
    const configured = new Configured();
    cmake = configured.cmake();
    gyp = configured.gyp();
    rmSync(configured.folder, { recursive: true });
  });

  test('compile the same sources with the same defines and flags', () => {
    expect(cmake).toEqual(gyp);
  });

  test('compile all that is listed, and the CPU source once a level', () => {
    const expected = [...list.sources, 'embedded_kernels.cc', ...levels.map(() => list.cpu.source)];
    expect(gyp.map(({ source }) => source).sort()).toEqual(expected.sort());
    const seen = gyp.flatMap(({ defines }) =>
      defines.filter((define) => define.startsWith('THALWEG_CPU_LEVEL=')),
    );
    expect(seen.sort()).toEqual(levels.map(({ name }) => `THALWEG_CPU_LEVEL=${name}`).sort());
  });

  test('define what the list says', () => {
    const expected = [...list.defines, ...list.release.defines].sort();
    for (const { defines } of cmake) expect(defines).toEqual(expect.arrayContaining(expected));
  });

  test('give a level its own instruction set, and contract products and sums in levels only', () => {
    const summary = gyp.map(({ defines, machine, contraction, optimization }) => {
      const level = defines.find((define) => define.startsWith('THALWEG_CPU_LEVEL='))?.split('=')[1];
      return { level, machine, contraction, optimization };
    });
    for (const { level, machine, contraction, optimization } of summary) {
      const expectedMachine = level?.startsWith('x86_64_v')
        ? `-march=${level.replaceAll('_', '-')}`
        : undefined;
      expect({ level, machine, contraction, optimization }).toEqual({
        level,
        machine: expectedMachine,
        contraction: level === undefined ? '-ffp-contract=off' : '-ffp-contract=fast',
        optimization: '-O3',
      });
    }
  });
});
