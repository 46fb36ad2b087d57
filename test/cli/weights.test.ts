import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Uniform } from '../support/arbitrary';
import { isHeld } from './held-out';
import {
  type FitJson,
  closeTo,
  expectFailure,
  fileWriter,
  fitJson,
  json,
  temporaryFolder,
  thalweg,
} from './thalweg';

interface Evaluated {
  readonly accuracy: number;
  readonly loss: number;
  readonly metrics: object;
}

const folder = temporaryFolder();
const write = fileWriter(folder);

interface Row {
  readonly cells: readonly string[];
  readonly weight: number;
  readonly passed: string;
  readonly grade: string;
}

const random = new Uniform(11);
const rows: Row[] = Array.from({ length: 120 }, (_, i) => {
  const [x, z] = [random.signed() * 3, random.signed() + 4];
  const colour = ['red', 'green', 'blue'][random.integer(0, 2)] ?? '';
  const noise = random.signed() * 3;
  const grade = x + noise < -1 ? 'a' : x + noise < 1 ? 'b' : 'c';
  return {
    cells: [x.toFixed(3), i % 19 === 0 ? '' : z.toFixed(3), colour, (2 * x - z + noise).toFixed(3)],
    weight: random.integer(0, 3),
    passed: x + noise < 0 ? 'no' : 'yes',
    grade,
  };
});

const head = 'x,z,colour,y,passed,grade';
const line = ({ cells, passed, grade }: Row): string => [...cells, passed, grade].join(',');
const weighted = write(
  'weighted.csv',
  [`${head},w`, ...rows.map((row) => `${line(row)},${row.weight}`)].join('\n'),
);
const repeated = write(
  'repeated.csv',
  [head, ...rows.flatMap((row) => new Array<string>(row.weight).fill(line(row)))].join('\n'),
);

const features = ['--features', 'x,z,colour', '--device', 'cpu'];

/** Compares two fits of one and the same data. */
async function expectSame(one: readonly string[], other: readonly string[], within: number): Promise<void> {
  const [found, expected] = [await fitJson(one), await fitJson(other)];
  const flat = ({ weights, intercept }: FitJson): number[] =>
    [...Object.values<unknown>(weights), intercept].flatMap((value) =>
      typeof value === 'number' ? [value] : Object.values(value as Record<string, number>),
    );
  expect(Object.keys(found.weights)).toEqual(Object.keys(expected.weights));
  const numbers = flat(expected);
  const largest = Math.max(...numbers.map(Math.abs));
  flat(found).forEach((value, at) => {
    expect(Math.abs(value - (numbers[at] ?? NaN))).toBeLessThan(within * largest);
  });
  expect(found.score.train).toBeCloseTo(expected.score.train ?? NaN, 8);
  expect(found.loss / expected.loss).toBeCloseTo(1, 11);
}

describe('--weight', () => {
  it.each([
    // The optimum is known to the gradient's tolerance; the same steps lead to the same weights.
    [1e-7, 'numbers', ['--target', 'y', '--l2', '0.1']],
    [1e-7, 'two classes, with means for what is missing', ['--target', 'passed', '--missing', 'mean']],
    [1e-7, 'three classes', ['--target', 'grade', '--l2', '0.01']],
    [
      1e-12,
      'steps along the gradient',
      ['--target', 'passed', '--learning-rate', '0.5', '--iterations', '30'],
    ],
  ])('is the row so many times, within %p: %s', async (within, _, args) => {
    const one = [weighted, ...args, ...features, '--weight', 'w'];
    await expectSame(one, [repeated, ...args, ...features], within);
  });

  it('leaves rows that count 0 out of rows, levels and means, and says so', async () => {
    const zeros = rows.filter(({ weight }) => weight === 0).length;
    const lacking = rows.filter(({ weight, cells }) => weight > 0 && cells[1] === '').length;
    const found = await fitJson([weighted, '--target', 'y', '--weight', 'w', ...features]);
    expect(found).toMatchObject({
      rows: rows.length - zeros - lacking,
      dropped: lacking,
      weight: { column: 'w', zeros },
    });
    const file = write('level.csv', 'c,w,y\np,1,1\nq,2,2\np,1,3\nr,0,4\n');
    expect(Object.keys((await fitJson([file, '--target', 'y', '--weight', 'w'])).weights)).toEqual(['c=q']);
    const { stdout, stderr } = await thalweg(['fit', file, '--target', 'y', '--weight', 'w']);
    expect(stderr).toBe('1 row left out, whose w is 0\n');
    expect(stdout).toMatch(/mean squared error, weighted by w$/m);
    expect(stdout).toMatch(/R² \S+ on 3 rows trained on, weighted by w; 0 for their mean$/m);
  });

  it('is no feature, and stands in the model, which predicts without it', async () => {
    const model = path.join(folder, 'weighted.json');
    const found = await fitJson([
      ...[weighted, '--target', 'passed', '--weight', 'w', '--categories', 'colour'],
      ...['--device', 'cpu', '--output', model],
    ]);
    expect(found.features).not.toContain('w');
    const saved = JSON.parse(readFileSync(model, 'utf8')) as { training: object };
    expect(saved.training).toMatchObject({ weight: 'w' });
    const { code, stdout } = await thalweg(['predict', model, repeated]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1 + rows.reduce((sum, { weight }) => sum + weight, 0));
  });

  it('weighs held-out rows and those to validate with, and says so', async () => {
    const args = [
      '--target',
      'passed',
      ...features,
      '--weight',
      'w',
      '--class-weight',
      'no=2',
      '--l2',
      '0.1',
    ];
    const parts = ['--holdout', '0.3', '--validation', '0.2', '--patience', '3'];
    const { code, stdout } = await thalweg(['fit', weighted, ...args, ...parts]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/mean log loss, weighted by w and class$/m);
    expect(stdout).toMatch(/mean log loss on \d+ rows validated with, weighted by w and class, at best/);
    expect(stdout).toMatch(/accuracy \S+ % on \d+ rows trained on, weighted by w; \S+ % for always \S+$/m);
    expect(stdout).toMatch(/accuracy \S+ % on \d+ rows held out, weighted by w; \S+ % for always \S+$/m);
    const model = path.join(folder, 'parts.json');
    const found = await fitJson([weighted, ...args, ...parts, '--output', model]);
    // The rows of weight 0 are in neither part.
    const held = rows.filter(
      ({ cells, weight }, i) => isHeld(i + 1, 0, 0.3) && weight > 0 && cells[1] !== '',
    );
    expect(found.heldOut).toBe(held.length);
    const file = write(
      'held.csv',
      [`${head},w`, ...held.map((row) => `${line(row)},${row.weight}`)].join('\n'),
    );
    const by = (await json(['evaluate', model, file, '--weight', 'w'])) as { accuracy: number };
    expect(found.score.holdout).toBeCloseTo(by.accuracy, 12);
  });

  it('weighs scores as evaluate --weight does', async () => {
    const model = path.join(folder, 'evaluated.json');
    await fitJson([weighted, '--target', 'passed', ...features, '--weight', 'w', '--output', model]);
    const by = (await json(['evaluate', model, weighted, '--weight', 'w'])) as Evaluated;
    const all = (await json(['evaluate', model, repeated])) as Evaluated;
    const lacking = rows.filter(({ cells, weight }) => cells[1] === '' && weight > 0).length;
    const zeros = rows.filter(({ weight }) => weight === 0).length;
    const counted = rows.length - zeros - lacking;
    expect(by).toMatchObject({ weight: { column: 'w', zeros }, rows: counted, dropped: lacking });
    expect(by.metrics).toEqual(closeTo({ ...all.metrics, rows: counted }, 12));
    expect(by).toMatchObject(closeTo({ accuracy: all.accuracy, loss: all.loss }, 12) as object);
    const { stdout, stderr } = await thalweg(['evaluate', model, weighted, '--weight', 'w']);
    expect(stdout).toMatch(
      /^accuracy .* rows of weighted\.csv, weighted by w; .*\n.* mean log loss, weighted by w\n\n {2}weighted\.csv /,
    );
    expect(stderr).toContain(`${zeros} rows left out, whose w is 0`);
  });

  it.each([
    ['negative.csv', '1,2,1\n2,3,-0.5\n3,4,1', 'ERR_COLUMN', /row 2: the weight "w" is -0\.5 there/, 1],
    ['missing.csv', '1,2,1\n2,3,1\n3,4,', 'ERR_COLUMN', /row 3: the weight "w" has no value there/, 2],
    ['word.csv', '1,2,1\n2,3,heavy\n3,4,1', 'ERR_COLUMN', /row 2: the weight "w" is "heavy" there/, 1],
    ['flag.csv', '1,2,true\n2,3,true', 'ERR_COLUMN', /row 1: the weight "w" is "true" there/, 0],
    ['infinite.csv', '1,2,1\n2,3,1e999', 'ERR_NOT_FINITE', /row 2: the weight "w" is Infinity there/, 1],
  ])('refuses %s', async (name, content, code, message, row) => {
    const file = write(name, `a,y,w\n${content}\n`);
    await expectFailure(['fit', file, '--target', 'y', '--weight', 'w', '--json'], {
      ...{ code, message, row },
      column: 'w',
    });
  });

  it.each([
    ['zeros alone', ['--weight', 'w'], 'ERR_FILE', /every row lacks a value or has the weight 0/],
    ['the target', ['--weight', 'y'], 'ERR_COLUMN', /"y" is both the target and the weight/],
    ['a feature', ['--weight', 'w', '--features', 'a,w'], 'ERR_COLUMN', /"w" is the weight: leave it out/],
    ['no column', ['--weight', 'v'], 'ERR_COLUMN', /has no column "v"/],
  ])('refuses %s', async (_, args, code, message) => {
    const file = write('zeros.csv', 'a,y,w\n1,2,0\n2,3,0\n');
    await expectFailure(['fit', file, '--target', 'y', ...args, '--json'], { code, message });
  });

  it('refuses what leaves no feature', async () => {
    const file = write('lonely.csv', 'y,w\n1,2\n2,1\n');
    const message = /no column besides the target "y" and the weight "w"/;
    await expectFailure(['fit', file, '--target', 'y', '--weight', 'w'], { code: 'ERR_COLUMN', message });
  });
});

describe('--class-weight', () => {
  const byClass = (factors: Readonly<Record<string, number>>): string =>
    write(
      'by-class.csv',
      [head, ...rows.flatMap((row) => new Array<string>(factors[row.passed] ?? 1).fill(line(row)))].join(
        '\n',
      ),
    );

  it('is the rows of that class so many times', async () => {
    const target = ['--target', 'passed', ...features];
    const plain = await fitJson([weighted, ...target, '--class-weight', 'no=3']);
    const expected = await fitJson([byClass({ no: 3 }), ...target]);
    for (const [name, weight] of Object.entries(expected.weights))
      expect(plain.weights[name]).toBeCloseTo(weight, 6);
    expect(plain.loss).toBeCloseTo(expected.loss, 10);
    // The penalty is on features scaled by what rows count.
    const penalised = await fitJson([weighted, ...target, '--l2', '1', '--class-weight', 'no=3']);
    const both = await fitJson([byClass({ no: 3 }), ...target, '--l2', '1']);
    expect(penalised.loss).toBeCloseTo(both.loss, 10);
    expect(penalised.weights['x']).toBeCloseTo(both.weights['x'] ?? NaN, 7);
    expect(plain).toMatchObject({ classWeight: [3, 1] });
    // Rows count 1 in scores.
    const model = path.join(folder, 'class.json');
    await fitJson([weighted, ...target, '--class-weight', 'no=3', '--output', model]);
    const { accuracy } = (await json(['evaluate', model, weighted])) as { accuracy: number };
    expect(plain.score.train).toBe(accuracy);
    const { stdout } = await thalweg(['fit', weighted, ...target, '--class-weight', 'no=3']);
    expect(stdout).toMatch(/mean log loss, weighted by class$/m);
    expect(stdout).toMatch(/rows trained on; \S+ % for always \S+$/m);
  });

  it('balanced has every class count as much', async () => {
    const complete = rows.filter(({ cells }) => cells[1] !== '');
    const counts = ['a', 'b', 'c'].map((grade) => complete.filter((row) => row.grade === grade).length);
    const factors = counts.map((count) => complete.length / (3 * count));
    const args = [weighted, '--target', 'grade', ...features, '--l2', '0.1', '--class-weight'];
    const balanced = await fitJson([...args, 'balanced']);
    expect(balanced).toMatchObject({ classWeight: 'balanced' });
    const named = await fitJson([...args, `a=${factors[0]},c=${factors[2]},b=${factors[1]}`]);
    expect(balanced.loss).toBeCloseTo(named.loss, 12);
    for (const [name, weights] of Object.entries(named.weights))
      expect(balanced.weights[name]).toEqual(
        Object.fromEntries(
          Object.entries(weights as unknown as Record<string, number>).map(([label, weight]) => [
            label,
            expect.closeTo(weight, 6) as unknown,
          ]),
        ),
      );
  });

  it('names labels as they are in the data', async () => {
    const file = write('odd.csv', 'a,y,z\n1,"p,q",1\n2,"r=s",0\n3,"p,q",1\n0,"r=s",1\n5,"r=s",0\n');
    const labels = ['--class-weight', '"p,q"=2,r=s=0.5'];
    expect(await fitJson([file, '--target', 'y', '--features', 'a', ...labels])).toMatchObject({
      classWeight: [2, 0.5],
    });
    const numbers = ['--activation', 'sigmoid', '--class-weight', '1=4'];
    expect(await fitJson([file, '--target', 'z', '--features', 'a', ...numbers])).toMatchObject({
      classWeight: [1, 4],
    });
  });

  it.each([
    ['maybe=2', 'passed', /--class-weight names the class "maybe"; those of "passed" are "no" and "yes"/],
    ['no=0,yes=0', 'passed', /--class-weight gives every class of "passed" the weight 0/],
    ['balanced', 'y', /--class-weight is for a target of classes, and --activation linear learns numbers/],
  ])('refuses %s for %s', async (weights, target, message) => {
    await expectFailure(
      ['fit', weighted, '--target', target, ...features, '--class-weight', weights, '--json'],
      {
        ...{ code: 'ERR_INVALID_ARGUMENT', message },
        option: 'class-weight',
      },
    );
  });

  it.each(['', 'even', 'no', 'no=', 'no=-1', 'no=1,no=2', '=1', 'no=many', 'no=Infinity'])(
    'is wrong usage as %p',
    async (weights) => {
      const { code, stderr } = await thalweg([
        'fit',
        weighted,
        '--target',
        'passed',
        '--class-weight',
        weights,
      ]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/It must be balanced, or a number of at least 0 for each class once/);
    },
  );
});
