import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Uniform } from '../support/arbitrary';
import { fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

function lines(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => `${row.join(',')}\n`).join('');
}

describe('numbers of any size', () => {
  it.each([1e14, 1e15])('an offset of %p changes no digit of the weight', async (offset) => {
    const rows = Array.from({ length: 200 }, (_, i) => [offset + ((i * 37) % 101), 2 * ((i * 37) % 101) + 5]);
    const file = write(`offset-${offset}.csv`, lines([['x', 'y'], ...rows]));
    const model = path.join(folder, 'offset.json');
    const found = await fitJson([file, '--target', 'y', '--device', 'cpu', '--output', model]);
    expect(Math.abs((found.weights['x'] as number) - 2)).toBeLessThan(1e-9);
    expect(found.score.train).toBeGreaterThan(1 - 1e-12);
    const evaluated = (await json(['evaluate', model, file, '--device', 'cpu'])) as { r2: number };
    expect(evaluated.r2).toBeGreaterThan(0.9999);
  });

  it.each([1e200, 1e-200])('targets and features of %p are learned', async (size) => {
    const units = Array.from({ length: 50 }, (_, i) => ((i * 29) % 53) - 20);
    const rows = units.map((unit) => [unit * size, (3 * unit + 1) * size]);
    const file = write(`size-${size}.csv`, lines([['x', 'y'], ...rows]));
    const found = await fitJson([file, '--target', 'y', '--device', 'cpu']);
    expect(Math.abs((found.weights['x'] as number) - 3)).toBeLessThan(1e-6);
    expect(found.score.train).toBeGreaterThan(0.999999);
  });
});

interface Saved {
  readonly features: readonly { readonly name: string }[];
}

describe('many columns', () => {
  const kinds = 25;

  /** Columns n, b, d and c of numbers, booleans, dates and categories, with gaps. */
  function mixed(copies: number): { names: string[]; rows: unknown[][] } {
    const random = new Uniform(5);
    const names = Array.from({ length: copies }, (_, k) => [`n${k}`, `b${k}`, `d${k}`, `c${k}`]).flat();
    const rows = Array.from({ length: 60 }, (_, i) => {
      const cells = Array.from({ length: copies }, () => [
        (random.signed() * 100).toFixed(2),
        random.next() < 0.4 ? 'true' : 'false',
        `2026-0${random.integer(1, 9)}-1${random.integer(0, 9)}`,
        ['red', "gr'een", 'blue'][random.integer(0, 2)],
      ]).flat();
      return [...cells.map((cell, at) => ((i * 31 + at) % 23 === 0 ? '' : cell)), random.signed().toFixed(3)];
    });
    return { names, rows };
  }

  it.each(['csv', 'jsonl'] as const)('are encoded as few are: %s', async (ending) => {
    const { names, rows } = mixed(kinds);
    const all = [...names, 'y'];
    const records = rows.map((row) => {
      const values = row.map((cell, at) => [
        all[at],
        /^-?\d+\.\d+$/.test(String(cell))
          ? Number(cell)
          : cell === 'true' || cell === 'false'
            ? cell === 'true'
            : cell,
      ]);
      return JSON.stringify(Object.fromEntries(values));
    });
    const text = ending === 'csv' ? lines([all, ...rows]) : records.map((record) => `${record}\n`).join('');
    const file = write(`mixed.${ending}`, text);
    const saved = async (features: readonly string[]): Promise<Saved> => {
      const model = path.join(folder, `mixed-${ending}.json`);
      const args = [
        '--target',
        'y',
        '--missing',
        'mean',
        '--iterations',
        '1',
        '--device',
        'cpu',
        '--seed',
        '3',
      ];
      await fitJson([file, ...args, '--holdout', '0.2', '--features', features.join(','), '--output', model]);
      return JSON.parse(readFileSync(model, 'utf8')) as Saved;
    };
    const many = await saved(names);
    const few = await saved(names.slice(40, 100).filter((_, at) => at % 2 === 0));
    expect(many.features).toHaveLength(4 * kinds);
    const alike = many.features.filter(({ name }) => few.features.some((other) => other.name === name));
    expect(alike).toEqual(few.features);
  });

  it('have their rows read, held out, scored and predicted as few have', async () => {
    // What is not one of the first three columns never changes, and weighs nothing.
    const random = new Uniform(6);
    const rows = Array.from({ length: 40 }, () => {
      const [a, b] = [random.signed(), random.integer(0, 1)];
      const level = ['x', 'y'][random.integer(0, 1)] as string;
      return [
        a.toFixed(6),
        b === 1,
        level,
        ...Array.from({ length: 2000 }, () => 7),
        (a + 2 * b + (level === 'x' ? 1 : 0)).toFixed(6),
      ];
    });
    rows[3] = ['', true, 'x', ...Array.from({ length: 2000 }, () => 7), 1];
    const names = ['a', 'b', 'c', ...Array.from({ length: 2000 }, (_, k) => `k${k}`), 'y'];
    const file = write('constant.csv', lines([names, ...rows]));
    const args = ['--target', 'y', '--holdout', '0.25', '--iterations', '400', '--device', 'cpu'];
    const model = path.join(folder, 'constant.json');
    const features = names.slice(0, -1).join(',');
    const many = await fitJson([file, ...args, '--features', features, '--output', model]);
    const few = await fitJson([file, ...args, '--features', 'a,b,c']);
    expect([many.rows, many.dropped, many.heldOut]).toEqual([few.rows, few.dropped, few.heldOut]);
    for (const name of Object.keys(few.weights)) {
      expect(Math.abs((many.weights[name] as number) - (few.weights[name] as number))).toBeLessThan(1e-6);
    }
    expect(many.weights['k1999']).toBe(0);
    expect(many.score.holdout).toBeGreaterThan(0.999);
    const evaluated = (await json(['evaluate', model, file, '--device', 'cpu'])) as {
      r2: number;
      rows: number;
    };
    expect(evaluated.rows).toBe(39);
    expect(evaluated.r2).toBeGreaterThan(0.999);
  });

  it('of which nothing can be learned are left out, and told in one line', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => [
      (i * 37) % 101,
      ...Array.from({ length: 200 }, () => 1),
      `t${i}`,
      'z',
      i % 7,
    ]);
    const names = ['a', ...Array.from({ length: 200 }, (_, k) => `k${k}`), 'word', 'flat', 'y'];
    const file = write('levels.csv', lines([names, ...rows]));
    const found = await fitJson([file, '--target', 'y', '--device', 'cpu']);
    expect(found.features).toEqual(['a']);
    expect(found.leftOut).toHaveLength(202);
    expect(found.leftOut.at(-2)).toEqual({
      column: 'word',
      why: 'text with a level of its own in each row',
    });
    const { stderr } = await thalweg(['fit', file, '--target', 'y', '--activation', 'linear']);
    expect(stderr).toBe(
      'left out: k0, k1, k2, k3, k4, k5 and 194 more (only 1), word (text with a level of its own in each row), flat (one level); --features takes them\n',
    );
  });
});
