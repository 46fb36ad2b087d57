import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { data, expectFailure, fileWriter, fitJson, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** The text of a page, without tags. */
function textOf(file: string): string {
  const [, body = ''] = /<body>([^]*)<\/body>/.exec(readFileSync(file, 'utf8')) ?? [];
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(#39|lt|gt|quot|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replaceAll(/\s+/g, ' ');
}

const ENTITIES: Readonly<Record<string, string>> = { '#39': "'", lt: '<', gt: '>', quot: '"', amp: '&' };

test('a report says what fit --json says, and how to repeat it', async () => {
  const report = path.join(folder, "a fit's report.html");
  const fit = [data('diabetes.csv'), '--target', 'progression', '--holdout', '0.25', '--device', 'cpu'];
  const found = await fitJson([...fit, '--report', report]);
  expect(found).toMatchObject({ report });
  const text = textOf(report);
  expect(text).toContain(`rows in the data 442 trained on ${found.rows} held out ${found.heldOut}`);
  expect(text).toContain(`R² ${found.score.holdout?.toFixed(4)} R² of the mean alone 0`);
  expect(text).toContain(`R² ${found.score.train?.toFixed(4)} R² of the mean alone 0`);
  expect(text).toContain(`device cpu, `);
  for (const name of found.features) expect(text).toContain(`${name} number mean `);
  const quoted = report.replace("'", "'\\''");
  expect(text).toContain(`npx thalweg fit ${fit.join(' ')} --report '${quoted}' --json`);
});

test('a person is told where it is', async () => {
  const report = path.join(folder, 'classes.html');
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i},${i % 3},${i * 3 < 50 + (i % 7) * 5 ? 'no' : '<yes>'}`,
  );
  const file = write('classes.csv', ['x,z,c', ...rows].join('\n'));
  const args = ['fit', file, '--target', 'c', '--l2', '0.01', '--report', report];
  const { code, stdout } = await thalweg(args);
  expect(code).toBe(0);
  expect(stdout).toContain(`Report written to ${report}\n`);
  expect(textOf(report)).toContain(
    'Confusion matrix: rows are what is, columns what was predicted is <yes> no',
  );
});

test('names are names, whatever they are elsewhere', async () => {
  const names = [
    'constructor',
    '__proto__',
    'toString',
    'datum',
    'a\u202eb',
    '${1}',
    '<script>alert(1)</script>',
  ];
  const label = (i: number): string => names[(i * 5) % names.length] ?? '';
  const columns = names.slice(0, 6);
  const rows = Array.from({ length: 84 }, (_, i) => [
    ...columns.map((_name, k) => ((i * (k + 3)) % 17) + (i % 5)),
    label(i),
  ]);
  const file = write('names.csv', [[...columns, 'c'], ...rows].map((row) => row.join(',')).join('\n'));
  const report = path.join(folder, 'names.html');
  await fitJson([file, '--target', 'c', '--l2', '0.1', '--holdout', '0.3', '--report', report]);
  const page = readFileSync(report, 'utf8');
  for (const name of ['constructor', '__proto__', 'toString', 'datum', '${1}'])
    expect(textOf(report)).toContain(name);
  expect(page).toContain('a\\u202eb');
  expect(page).not.toMatch(/<script|\p{Bidi_Control}/u);
});

describe('what cannot be', () => {
  const fit = ['fit', data('diabetes.csv'), '--target', 'progression'];

  test('a folder that is not there is told before anything is trained', async () => {
    const report = path.join(folder, 'nowhere', 'report.html');
    await expectFailure([...fit, '--report', report], { code: 'ERR_FILE', message: /nowhere/ });
    expect(existsSync(path.dirname(report))).toBe(false);
  });

  test('standard output is no place for a page', async () => {
    const { code, stderr } = await thalweg([...fit, '--report', '-']);
    expect(code).toBe(2);
    expect(stderr).toContain('--report is a page, which goes to a file');
  });

  test('another ending is no page', async () => {
    const report = path.join(folder, 'report.pdf');
    const { code, stderr } = await thalweg([...fit, '--report', report]);
    expect(code).toBe(2);
    expect(stderr).toContain('report.pdf end in .html or .htm');
    expect(existsSync(report)).toBe(false);
  });
});
