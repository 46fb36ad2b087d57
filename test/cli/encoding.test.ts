import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isHeld } from './held-out';
import { fileWriter, fitJson, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** Enough to come to the minimum of a few well-behaved columns. */
const exact = ['--iterations', '200000'];

interface SavedFeature {
  readonly name: string;
  readonly kind: string;
  readonly mean?: number;
  readonly scale?: number;
  readonly levels?: readonly string[];
  readonly leftOut?: string;
  readonly means?: readonly number[];
  readonly scales?: readonly number[];
}

/** The features of the model that a fit writes. */
async function savedFeatures(args: readonly string[]): Promise<readonly SavedFeature[]> {
  const file = path.join(folder, 'features.json');
  await fitJson([...args, '--output', file]);
  return (JSON.parse(readFileSync(file, 'utf8')) as { features: SavedFeature[] }).features;
}

test('categories, booleans, dates and numbers have the weights that made the data', async () => {
  const day = (date: string): number => Date.parse(date) / 86_400_000;
  const rows = Array.from({ length: 60 }, (_, i) => {
    const carrier = ['AA', 'DL', 'WN', 'AA', 'AA'][i % 5] ?? '';
    const date = new Date(Date.UTC(2000, 11, 20 + ((i * 7) % 40), (i * 5) % 24)).toISOString();
    const late = (i * i) % 3 === 0;
    const distance = (i * 37) % 101;
    const y =
      3 +
      2 * distance +
      (carrier === 'DL' ? 5 : 0) -
      (carrier === 'WN' ? 4 : 0) +
      (late ? 7 : 0) +
      0.5 * day(date);
    return [carrier, date, late, distance, y].join(',');
  });
  const file = write('made.csv', `carrier,when,late,distance,y\n${rows.join('\n')}\n`);
  const found = await fitJson([file, '--target', 'y', ...exact]);
  expect(Object.keys(found.weights)).toEqual(['carrier=DL', 'carrier=WN', 'when', 'late', 'distance']);
  const expected = [5, -4, 0.5, 7, 2];
  expect(Object.values(found.weights)).toEqual(
    expected.map((weight) => expect.closeTo(weight, 2) as unknown),
  );
  expect(found.score.train).toBeCloseTo(1, 6);
});

test('the training rows give means, deviations, levels and the level left out', async () => {
  const file = write(
    'stats.csv',
    'colour,flag,when,x,same,y\nred,true,1970-01-02,1,4,1\nblue,false,1970-01-03,2,4,2\nblue,true,1970-01-02T12:00:00Z,4,4,3\ngreen,true,1970-01-04T02:00:00+02:00,5,4,4\n',
  );
  const features = await savedFeatures([file, '--target', 'y']);
  expect(features).toEqual([
    {
      name: 'colour',
      kind: 'category',
      levels: ['green', 'red'],
      leftOut: 'blue',
      means: [0.25, 0.25],
      scales: [Math.sqrt(3) / 4, Math.sqrt(3) / 4],
    },
    { name: 'flag', kind: 'boolean', mean: 0.75, scale: expect.closeTo(Math.sqrt(3) / 4, 11) as unknown },
    // Days 1, 2, 1.5 and 3.
    { name: 'when', kind: 'date', mean: 1.875, scale: expect.closeTo(Math.sqrt(0.546875), 11) as unknown },
    { name: 'x', kind: 'number', mean: 3, scale: expect.closeTo(Math.sqrt(2.5), 11) as unknown },
  ]);
  const [same] = await savedFeatures([file, '--target', 'y', '--features', 'same,x']);
  expect(same).toEqual({ name: 'same', kind: 'number', mean: 4, scale: 1 });
});

describe('missing values', () => {
  const text = 'x,colour,y\n1,red,1\n,blue,2\n3,NA,3\n5,blue,\n7,red,5\n8,blue,6\n9,red,nan\n';

  test('drop: the rows go, and are counted', async () => {
    const file = write('drop.csv', text);
    expect(await fitJson([file, '--target', 'y'])).toMatchObject({ rows: 3, dropped: 4 });
    expect(await savedFeatures([file, '--target', 'y'])).toMatchObject([
      // Rows 1, 5 and 6 are whole.
      { mean: expect.closeTo(16 / 3, 10) as unknown },
      { leftOut: 'red', levels: ['blue'], means: [1 / 3] },
    ]);
  });

  test('mean: the training mean stands in, of a category the share of each level', async () => {
    const file = write('mean.csv', text);
    expect(await fitJson([file, '--target', 'y', '--missing', 'mean'])).toMatchObject({
      rows: 5,
      dropped: 2,
    });
    // Of the rows with a target, x is 1, 3, 7, 8 and once missing; colour red, blue, red, blue and once missing.
    const deviation = Math.sqrt((3.75 ** 2 + 1.75 ** 2 + 2.25 ** 2 + 3.25 ** 2) / 5);
    expect(await savedFeatures([file, '--target', 'y', '--missing', 'mean'])).toEqual([
      { name: 'x', kind: 'number', mean: 4.75, scale: expect.closeTo(deviation, 11) as unknown, fill: 4.75 },
      {
        name: 'colour',
        kind: 'category',
        levels: ['red'],
        leftOut: 'blue',
        means: [0.5],
        scales: [expect.closeTo(Math.sqrt(0.2), 12) as unknown],
      },
    ]);
  });

  test('mean: a row with the mean in it is as if it had been there', async () => {
    const gap = write('gap.csv', 'x,y\n1,3\n,6.2\n2,5\n3,7.5\n6,13\n');
    const filled = write('filled.csv', 'x,y\n1,3\n3,6.2\n2,5\n3,7.5\n6,13\n');
    const withGap = await fitJson([gap, '--target', 'y', '--missing', 'mean', '--no-standardize', ...exact]);
    const without = await fitJson([filled, '--target', 'y', '--no-standardize', ...exact]);
    const { seconds, missing, notes } = withGap;
    expect(withGap).toEqual({ ...without, seconds, missing, notes });
    expect([without.missing, missing]).toEqual([{}, { x: 1 }]);
  });

  test('predictions: empty where a value is missing, and for an unknown level', async () => {
    const file = write('train.csv', 'x,colour,y\n1,red,1\n2,blue,2\n3,red,3\n4,blue,5\n');
    const model = path.join(folder, 'drop.json');
    await fitJson([file, '--target', 'y', '--output', model]);
    const unseen = write('unseen.csv', 'colour,x\nred,1\ngreen,2\n,3\nblue,\nblue,4\n');
    const { code, stdout, stderr } = await thalweg(['predict', model, unseen]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^prediction\n[\d.-]+\n""\n""\n""\n[\d.-]+\n$/);
    expect(stderr).toMatch(/^3 rows without a prediction/);
  });
});

test('a date as target is learned as days', async () => {
  const file = write('when.csv', 'x,when\n0,1970-01-11\n1,1970-01-13\n2,1970-01-15\n4,1970-01-19\n');
  const model = path.join(folder, 'when.json');
  const found = await fitJson([file, '--target', 'when', ...exact, '--output', model]);
  expect(found).toMatchObject({ activation: 'linear', target: { name: 'when', kind: 'date' } });
  expect(found.weights.x).toBeCloseTo(2, 3);
  expect(found.intercept).toBeCloseTo(10, 3);
  const { stdout } = await thalweg(['evaluate', model, file]);
  expect(stdout).toMatch(/^R² 1\.0000 on 4 rows/);
});

test('--categories takes numbers as names', async () => {
  const file = write('codes.csv', 'code,y\n10,1\n20,3\n10,1\n30,8\n10,1\n20,3\n');
  const found = await fitJson([file, '--target', 'y', '--categories', 'code', ...exact]);
  expect(found.weights).toEqual({
    'code=20': expect.closeTo(2, 3) as unknown,
    'code=30': expect.closeTo(7, 3) as unknown,
  });
  expect(found.intercept).toBeCloseTo(1, 3);
});

test('levels with quotes in them', async () => {
  const levels = ["it's", '"', "'); DROP TABLE x; --", '\\', 'ä'];
  const rows = Array.from(
    { length: 30 },
    (_, i) => `"${(levels[i % 5] ?? '').replaceAll('"', '""')}",${i % 5}`,
  );
  const file = write('quotes.csv', `name,y\n${rows.join('\n')}\n"ä",4\n`);
  const found = await fitJson([file, '--target', 'y', ...exact]);
  expect(found.intercept).toBeCloseTo(4, 3);
  for (const [index, level] of levels.slice(0, 4).entries()) {
    expect(found.weights[`name=${level}`]).toBeCloseTo(index - 4, 3);
  }
});

test('names with commas, quotes and the names of object properties', async () => {
  const file = write('names.csv', '"a,b",__proto__,"say ""x""",y\n1,5,2,1\n2,3,1,2\n4,1,0,4\n3,7,5,3\n');
  const found = await fitJson([file, '--target', 'y', '--features', '"a,b",__proto__,"say ""x"""']);
  expect(Object.keys(found.weights)).toEqual(['a,b', '__proto__', 'say "x"']);
  expect(Object.values(found.weights)).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
});

describe('--holdout', () => {
  test('draws the rows by their number and the seed, and learns nothing from them', async () => {
    const seed = 11;
    const share = 0.3;
    const rows = Array.from({ length: 200 }, (_, i) => i + 1);
    // Held-out rows are on another scale and have a level of their own.
    const lines = rows.map((row) =>
      isHeld(row, seed, share) ? `${row}000,odd,5` : `${row % 17},${row % 2 ? 'a' : 'b'},${row % 5}`,
    );
    const file = write('held.csv', `x,kind,y\n${lines.join('\n')}\n`);
    const args = ['--target', 'y', '--seed', String(seed)];
    const held = await fitJson([file, ...args, '--holdout', String(share), '--missing', 'mean']);
    const trained = rows.filter((row) => !isHeld(row, seed, share));
    expect(trained.length).toBeGreaterThan(100);
    expect(held).toMatchObject({ rows: trained.length, heldOut: 200 - trained.length, dropped: 0 });
    const alone = write(
      'alone.csv',
      `x,kind,y\n${lines.filter((_, i) => !isHeld(i + 1, seed, share)).join('\n')}\n`,
    );
    const without = await fitJson([alone, ...args, '--missing', 'mean']);
    expect(held.weights).toEqual(without.weights);
    expect(held.intercept).toBe(without.intercept);
    // Under drop a level that training did not see cannot be scored.
    const dropped = await fitJson([file, ...args, '--holdout', String(share)]);
    const unseen = 200 - trained.length;
    expect(dropped).toMatchObject({ heldOut: 0, dropped: unseen, score: { holdout: null } });
    expect(dropped).toMatchObject({ droppedFor: { missing: 0, unseenLevel: unseen } });
    // Beside rows that lack a value each is counted by its reason.
    const lacking = lines.map((line, i) => (i % 10 === 0 ? line.replace(/^\d+/, '') : line));
    const both = write('both.csv', `x,kind,y\n${lacking.join('\n')}\n`);
    const odd = rows.filter((row) => isHeld(row, seed, share) && row % 10 !== 1).length;
    expect(await fitJson([both, ...args, '--holdout', String(share)])).toMatchObject({
      ...{ dropped: 20 + odd, droppedFor: { missing: 20, unseenLevel: odd } },
      notes: expect.arrayContaining([
        { code: 'ROWS_DROPPED', text: '20 rows dropped for missing values: x 20', count: 20 },
        expect.objectContaining({ code: 'ROWS_NOT_SCORED', count: odd }),
      ]) as unknown,
    });
  });

  test('another seed holds out others', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `${i},${(i * i) % 7}`);
    const file = write('seeds.csv', `x,y\n${lines.join('\n')}\n`);
    const weights = await Promise.all(
      ['1', '2'].map(
        async (seed) => (await fitJson([file, '--target', 'y', '--holdout', '0.5', '--seed', seed])).weights,
      ),
    );
    expect(weights[0]).not.toEqual(weights[1]);
  });
});

test('rows are computed in float64 where they are small as they are held, whatever they were written out', async () => {
  // 40,000 rows of 4001 columns would be 1.3 GB.
  const lines = Array.from({ length: 40_000 }, (_, i) => `l${(i * 7919) % 4000},${i % 13},${(i * 31) % 17}`);
  const file = path.join(folder, 'held.json');
  await fitJson([
    write('held.csv', `c,x,y\n${lines.join('\n')}\n`),
    ...['--target', 'y', '--iterations', '1', '--device', 'cpu', '--output', file],
  ]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ training: { dtype: 'float64' } });
});
