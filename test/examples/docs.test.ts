import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createProgram } from '../../lib/cli/program';
import { findingCodes } from '../../lib/doctor/codes';
import { strategyOptionNames } from '../../lib/training/options';
import { asShown, printedBy, promised, root } from './run-example';

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Block {
  readonly place: string;
  readonly code: string;
}

/** The blocks of a page that say they are JavaScript. */
function blocksOf(page: string): Block[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map((match) => ({
    place: `${page}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] ?? '',
  }));
}

const blocks = pages.flatMap(blocksOf);

test('the pages have examples', () => {
  expect(blocks.filter(({ place }) => place.startsWith('README.md')).length).toBeGreaterThan(0);
  expect(blocks.filter(({ place }) => place.startsWith('docs/api.md')).length).toBeGreaterThan(5);
});

test.each(blocks)('the example at $place prints what it says', async ({ code }) => {
  const lines = (await printedBy(code)).trimEnd().split('\n');
  expect(lines).toEqual(promised(code).map(asShown));
});

/** What `pattern` captures in the sources, each once. */
function inSources(pattern: RegExp, ...files: string[]): string[] {
  const found = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(pattern)]);
  return [...new Set(found.map((match) => match[1] ?? ''))].sort();
}

/** The files of a folder, not those of its folders. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name));
}

function modulesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
}

const headings = (page: string): string[] =>
  [...readFileSync(path.join(root, 'docs', page), 'utf8').matchAll(/^#{2,3} (.*)$/gm)].map(
    ([, text]) => text ?? '',
  );

describe('docs/troubleshooting.md', () => {
  const sections = headings('troubleshooting.md');

  test('has a section for each code of ThalwegError, and none besides', () => {
    const codes = inSources(/^ {2}\| '(ERR_\w+)'/gm, path.join(root, 'lib/base/errors.ts'));
    expect(codes.length).toBeGreaterThan(10);
    expect(sections.filter((section) => section.startsWith('ERR_')).sort()).toEqual(codes);
  });

  test('has a section for each code of a warning, and none besides', () => {
    const codes = inSources(/\bcode(?: =|:) '(THALWEG_\w+)'/g, ...modulesBelow(path.join(root, 'lib')));
    expect(sections.filter((section) => section.startsWith('THALWEG_')).sort()).toEqual(codes.sort());
  });

  test('has a section for each code of the doctor, and none besides', () => {
    const isFinding = (section: string): boolean => /^[A-Z]+_[A-Z_]+$/.test(section);
    const sectionsOfFindings = sections.filter(
      (section) => isFinding(section) && !/^(?:ERR|THALWEG)_/.test(section),
    );
    expect(sectionsOfFindings.sort()).toEqual([...findingCodes].sort());
  });

  test("knows every code that the addon's drivers give", () => {
    const known: readonly string[] = findingCodes;
    const drivers = path.join(root, 'native', 'device', 'drivers');
    // A discovery puts the name of its back end before what it notes.
    const noted = (folder: string): string[] =>
      inSources(/\bnote\(\s*"([A-Z_]+)"/g, ...filesIn(path.join(drivers, folder)));
    const codes = ['opencl', 'hip'].flatMap((backend) =>
      [...noted('.'), ...noted(backend)].map((code) => `${backend.toUpperCase()}_${code}`),
    );
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !known.includes(code))).toEqual([]);
  });
});

test('docs/kernels.md names every kernel file', () => {
  const text = readFileSync(path.join(root, 'docs/kernels.md'), 'utf8');
  const files = ['.', 'math'].flatMap((folder) =>
    filesIn(path.join(root, 'kernels', folder)).map((file) =>
      path.relative(path.join(root, 'kernels'), file),
    ),
  );
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !text.includes(`\`${file}\``))).toEqual([]);
});

test('docs/api.md names every environment variable', () => {
  const text = readFileSync(path.join(root, 'docs/api.md'), 'utf8');
  const variables = inSources(/'(THALWEG_\w+)'/g, path.join(root, 'lib/base/environment.ts'));
  expect(variables.length).toBeGreaterThan(3);
  expect(variables.filter((name) => !text.includes(name))).toEqual([]);
});

test('docs/api.md names every option of a descent', () => {
  const text = readFileSync(path.join(root, 'docs/api.md'), 'utf8');
  const names = Object.values(strategyOptionNames).flat();
  expect(names.length).toBeGreaterThan(10);
  expect([...new Set(names)].filter((name) => !text.includes(`\`${name}`))).toEqual([]);
});

describe('docs/cli.md', () => {
  const text = readFileSync(path.join(root, 'docs/cli.md'), 'utf8');

  test('names every option', () => {
    const options = createProgram().commands.flatMap((command) =>
      command.options.map(({ long }) => `${command.name()} ${long}`),
    );
    expect(options.length).toBeGreaterThan(100);
    const commands = text.slice(text.indexOf('# Command line'), text.indexOf('## Data files'));
    // bench has options that others have as well: its line names all of its own.
    const bench = commands.match(/^thalweg bench .*$/m)?.[0] ?? '';
    const missing = options.filter((option) => {
      const [command, long = ''] = option.split(' ');
      return !(command === 'bench' ? bench : text).includes(long);
    });
    expect(missing).toEqual([]);
  });

  test('has the short options of each command that has the long ones', () => {
    const shorts = { '--target': '-t', '--output': '-o', '--device': '-d', '--quiet': '-q' };
    for (const [long, short] of Object.entries(shorts)) {
      expect(text).toContain(`\`${short}\``);
      const having = createProgram().commands.flatMap((command) =>
        command.options.filter((option) => option.long === long).map((option) => option.short),
      );
      expect(new Set(having)).toEqual(new Set([short]));
    }
  });
});

/** The addresses of links in a page that stay within the repository, without those in code. */
function linksOf(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8').replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to]) => to ?? '')
    .filter((to) => !to.startsWith('http'));
}

/** A heading's anchor as GitHub makes it. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/ /g, '-');
}

test.each([...pages, 'examples/README.md'])('every link of %s leads somewhere', (page) => {
  const broken = linksOf(page).filter((to) => {
    const [file = '', section] = to.split('#');
    const target = file === '' ? path.join(root, page) : path.join(root, path.dirname(page), file);
    if (!existsSync(target)) return true;
    if (section === undefined) return false;
    const found = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
      anchor(text ?? ''),
    );
    return !found.includes(section);
  });
  expect(broken).toEqual([]);
});
