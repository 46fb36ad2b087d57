import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Uniform } from '../support/arbitrary';
import { expectFailure, fileWriter, fitJson, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const at = (name: string): string => path.join(folder, name);

const random = new Uniform(23);
const rows = Array.from({ length: 90 }, (_, i) => {
  const x = random.signed() * 2;
  const noise = random.signed() * 2;
  return {
    x: x.toFixed(3),
    colour: ['red', 'green', 'blue', 'blue'][i % 4] ?? '',
    y: (3 * x + noise).toFixed(3),
    passed: x + noise > 0 ? 'yes' : 'no',
    grade: ['a', 'b', 'c'][Math.max(0, Math.min(2, Math.round(x + noise) + 1))] ?? '',
  };
});
type Column = keyof (typeof rows)[number];

function table(name: string, columns: readonly Column[], some = rows): string {
  return write(
    name,
    [columns, ...some.map((row) => columns.map((column) => row[column]))]
      .map((cells) => cells.join(','))
      .join('\n'),
  );
}

const cpu = ['--device', 'cpu'];
const still = ['--learning-rate', '1e-200', '--iterations', '1', ...cpu];

describe.each<Column>(['y', 'passed', 'grade'])('--warm-start for %s', (target) => {
  const file = table(`${target}.csv`, ['x', 'colour', target]);
  const model = at(`${target}.json`);
  const args = [file, '--target', target, '--l2', '0.01', ...cpu];

  beforeAll(async () => {
    await fitJson([...args, '--output', model]);
  });

  it('begins at the optimum where the model is there', async () => {
    const cold = await fitJson(args);
    const warm = await fitJson([...args, '--warm-start', model]);
    expect(warm).toMatchObject({ warmStart: `${target}.json`, stopped: 'converged', rows: 90 });
    // A direct solution takes one step from anywhere.
    expect(warm.iterations).toBeLessThanOrEqual(target === 'y' ? 1 : 0);
    expect(warm.loss).toBeCloseTo(cold.loss, 12);
  });

  it('takes columns in another order, compared with another level, for what they are', async () => {
    // Here green is the most frequent, red as much, and the one left out.
    const some = rows.filter(({ colour }, i) => colour !== 'blue' || i % 8 === 2);
    const other = table(`${target}-other.csv`, [target, 'colour', 'x'], some);
    const output = at(`${target}-other.json`);
    const found = await fitJson([
      other,
      '--target',
      target,
      ...still,
      '--warm-start',
      model,
      '--output',
      output,
    ]);
    expect(Object.keys(found.weights)).toEqual(['colour=blue', 'colour=red', 'x']);
    const before = await thalweg(['predict', model, other, ...cpu]);
    const after = await thalweg(['predict', output, other, ...cpu]);
    const numbers = ({ stdout }: { readonly stdout: string }): number[] =>
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .flatMap((line) => line.split(',').map(Number))
        .filter((n) => !Number.isNaN(n));
    expect(numbers(after).length).toBeGreaterThanOrEqual(some.length);
    expect(numbers(after)).toEqual(numbers(before).map((value) => expect.closeTo(value, 10) as unknown));
  });
});

it('is said, and stands in the model', async () => {
  const file = table('said.csv', ['x', 'passed']);
  const first = at('first.json');
  await fitJson([file, '--target', 'passed', ...cpu, '--output', first]);
  const second = at('second.json');
  const args = ['fit', file, '--target', 'passed', ...cpu, '--warm-start', first, '--output', second];
  const { stdout } = await thalweg(args);
  expect(stdout).toMatch(/^ {2}descent {2}batch, .*, to the optimum, begun at first\.json$/m);
  expect(JSON.parse(readFileSync(second, 'utf8'))).toMatchObject({ training: { warmStart: 'first.json' } });
});

describe('a model of something else', () => {
  const model = at('model.json');
  beforeAll(async () => {
    await fitJson([table('model.csv', ['x', 'colour', 'passed']), '--target', 'passed', '--output', model]);
  });

  const twoColours = rows.filter(({ colour }) => colour !== 'green');
  const pink = [...rows, { ...(rows[0] as (typeof rows)[0]), colour: 'pink' }];
  it.each<[string, () => string, string[], string, RegExp, string | undefined]>([
    [
      'more columns',
      () => table('a.csv', ['x', 'passed']),
      [],
      'ERR_COLUMN',
      /was trained on the column "colour" too/,
      'colour',
    ],
    [
      'fewer columns',
      () => table('b.csv', ['x', 'y', 'colour', 'passed']),
      [],
      'ERR_COLUMN',
      /was trained without the column "y", from which/,
      'y',
    ],
    [
      'another kind',
      () => write('c.csv', 'x,colour,passed\n1,1,no\n2,2,yes\n3,3,no\n'),
      [],
      'ERR_COLUMN',
      /knows "colour" as a category, and here it is a number/,
      'colour',
    ],
    [
      'fewer levels',
      () => table('d.csv', ['x', 'colour', 'passed'], pink),
      [],
      'ERR_COLUMN',
      /does not know the level "pink" of the column "colour"/,
      'colour',
    ],
    [
      'more levels',
      () => table('e.csv', ['x', 'colour', 'passed'], twoColours),
      [],
      'ERR_COLUMN',
      /knows the level "green" of "colour", which no row here has/,
      'colour',
    ],
    [
      'another target',
      () => write('f.csv', 'x,colour,done\n1,red,no\n2,blue,yes\n3,green,no\n'),
      ['--target', 'done'],
      'ERR_COLUMN',
      /learned "passed", and this fit learns "done"/,
      'done',
    ],
    [
      'other classes',
      () => write('g.csv', 'x,colour,passed\n1,red,never\n2,blue,yes\n3,green,yes\n'),
      [],
      'ERR_COLUMN',
      /knows the target "passed" as "no" and "yes"; in g\.csv it is "never" and "yes"/,
      'passed',
    ],
    [
      'another activation',
      () => table('h.csv', ['x', 'colour', 'passed']),
      ['--activation', 'softmax'],
      'ERR_MODEL',
      /model\.json has --activation sigmoid, and this fit softmax/,
      undefined,
    ],
  ])('%s', async (_, file, args, code, message, column) => {
    const target = args.includes('--target') ? [] : ['--target', 'passed'];
    await expectFailure(['fit', file(), ...target, ...args, '--warm-start', model, '--json'], {
      ...{ code, message },
      ...(column === undefined ? {} : { column }),
    });
  });

  it('no model', async () => {
    const file = table('i.csv', ['x', 'passed']);
    const bare = write('bare.json', '{"weights":[1],"bias":0,"activation":"sigmoid"}');
    await expectFailure(['fit', file, '--target', 'passed', '--warm-start', bare], {
      code: 'ERR_MODEL',
      message: /names no columns to begin at/,
    });
    await expectFailure(['fit', file, '--target', 'passed', '--warm-start', at('absent.json')], {
      code: 'ERR_FILE',
      message: /There is no model/,
    });
  });
});
