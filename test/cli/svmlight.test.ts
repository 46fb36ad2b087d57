import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { exportModel, loadModel } from '../../lib';
import { loadModel as loadAnywhere } from '../../lib/model';
import { BadLine, type SvmlightBlock, SvmlightParser } from '../../lib/tables/svmlight/parser';
import { expectRejection } from '../support/expectations';
import { isHeld } from './held-out';
import {
  type FitJson,
  closeTo,
  csvText,
  expectFailure,
  fileWriter,
  fitJson,
  json,
  noteTexts,
  temporaryFolder,
  thalweg,
} from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** The blocks of a text that comes in pieces of so many bytes. */
function blocksOf(text: string, pieces: number): SvmlightBlock[] {
  const parser = new SvmlightParser();
  const bytes = Buffer.from(text);
  const found: SvmlightBlock[] = [];
  for (let at = 0; at < bytes.length; at += pieces)
    found.push(...parser.push(bytes.subarray(at, at + pieces)));
  return [...found, ...parser.end()];
}

/** The rows of blocks: a label, and the entries behind it. */
function rowsOf(blocks: readonly SvmlightBlock[]): [number, ...[number, number][]][] {
  return blocks.flatMap(({ labels, lengths, columns, values }) => {
    let at = 0;
    return Array.from(labels, (label, row): [number, ...[number, number][]] => {
      const from = at;
      at += lengths[row] ?? 0;
      return [label, ...Array.from(columns.slice(from, at), (j, k) => pair(j, values[from + k]))];
    });
  });
}

const pair = (index: number, value = NaN): [number, number] => [index, value];

/** A zstd frame of one block that is stored as it is, by RFC 8878. */
function zstdFrame(text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(content.length, 5);
  header.writeUIntLE(content.length * 8 + 1, 9, 3);
  return Buffer.concat([header, content]);
}

describe('the text of SVMlight', () => {
  test('is read by its definition, wherever its bytes are cut', () => {
    const text =
      '\ufeff# all of it\r\n+1 1:0.5 3:-2e-1 # a comment 9:9\r\n\r\n  -1.5\tqid:4 2:.5\t10:1.\n0\n1 1:+3E2#9:9\n7 4294967293:1';
    const expected = [
      [1, [1, 0.5], [3, -0.2]],
      [-1.5, [2, 0.5], [10, 1]],
      [0],
      [1, [1, 300]],
      [7, [4294967293, 1]],
    ];
    const bytes = Buffer.byteLength(text);
    for (let pieces = 1; pieces <= bytes; pieces += 1)
      expect(rowsOf(blocksOf(text, pieces))).toEqual(expected);
  });

  test('holds numbers as JavaScript reads them, to the last bit', () => {
    const digits = fc.stringMatching(/^[-+]?(\d{1,25}\.?\d{0,25}|\.\d{1,25})([eE][-+]?\d{1,3})?$/);
    const written = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc
        .tuple(fc.double({ min: -1e21, max: 1e21, noNaN: true }), fc.nat({ max: 20 }))
        .map(([value, places]) => value.toFixed(places)),
      digits.filter((text) => Number.isFinite(Number(text))),
    );
    fc.assert(
      fc.property(fc.array(written, { minLength: 1 }), (texts) => {
        const line = texts.map((text, at) => `${at}:${text}`).join(' ');
        const [[label, ...entries] = [NaN]] = rowsOf(blocksOf(`${texts[0] ?? ''} ${line}`, 7));
        expect(label).toBe(Number(texts[0]));
        expect(entries).toEqual(texts.map((text, at) => [at, Number(text)]));
      }),
      { numRuns: 300 },
    );
  });

  test('may have more rows than a block, and rows that are longer', () => {
    const long = Array.from({ length: 200_000 }, (_, at) => `${at}:${at % 7}`).join(' ');
    const text = `1 ${long}\n${'2 5:6\n'.repeat(70_000)}`;
    const blocks = blocksOf(text, 1 << 16);
    expect(blocks.length).toBeGreaterThan(2);
    const [first, ...others] = rowsOf(blocks);
    expect(first).toHaveLength(200_001);
    expect(first?.[123_457]).toEqual([123_456, 123_456 % 7]);
    expect(others).toHaveLength(70_000);
    expect(others.every(([label, ...rest]) => label === 2 && String(rest) === '5,6')).toBe(true);
  });

  test.each([
    ['1,2 1:3', 'several labels'],
    ['a 1:3', 'the label "a" is no number'],
    ['1:3', 'a line begins with its label'],
    ['1 2:1 1:1', 'the index 1 stands after 2'],
    ['1 2:1 2:1', 'the index 2 stands twice'],
    ['1 -1:1', '"-1:1" is no index:value'],
    ['1 x:1', '"x:1" is no index:value'],
    ['1 1', '"1" is no index:value'],
    ['1 1:', '"1:" is no index:value'],
    ['1 1:2x', '"1:2x" is no index:value'],
    ['1 1:1e', '"1:1e" is no index:value'],
    ['1 1:--1', '"1:--1" is no index:value'],
    ['1 1:2:3', '"1:2:3" is no index:value'],
    ['1 qid:a 1:1', '"qid:a" is no qid:number'],
    ['1 1:1 qid:1', '"qid:1" is no index:value'],
    ['1 99999999999:1', 'the index 99999999999 is too large'],
    ['1 1:nan', '"1:nan" is not finite'],
    ['1 1:-Inf', '"1:-Inf" is not finite'],
    ['1 1:1e999', '"1:1e999" is not finite'],
    ['inf 1:1', '"inf" is not finite'],
  ])('is refused with the line where it is wrong: %s', (line, message) => {
    const text = `0 1:1\n# a comment\n${line}\n0 1:1\n`;
    for (const pieces of [3, 1000]) {
      const read = (): unknown => blocksOf(text, pieces);
      expect(read).toThrow(BadLine);
      expect(read).toThrow(message);
      expect(read).toThrow(expect.objectContaining({ line: 3 }) as Error);
    }
  });
});

/** Rows of mostly zeros, as a table with names for columns and as the lines of SVMlight. */
function problem(labels: (row: number) => number, base: 0 | 1): { csv: string; svm: string; rows: number } {
  const [rows, columns] = [90, 7];
  const cells = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) =>
      (i * 31 + j * 17) % 5 < 2 ? ((i * 7 + j * 13) % 11) - 4.5 : 0,
    ),
  );
  const names = Array.from({ length: columns }, (_, j) => j + base);
  const lines = cells.map((row, i) => {
    const entries = row.map((value, j) => (value === 0 ? '' : ` ${j + base}:${value}`));
    return `${labels(i)}${entries.join('')}\n`;
  });
  return {
    csv: csvText([[...names, 'label'], ...cells.map((row, i) => [...row, labels(i)])]),
    svm: lines.join(''),
    rows,
  };
}

const close = (found: number, expected: number): void => {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
};

function expectAlike(found: FitJson, expected: FitJson): void {
  for (const same of ['activation', 'target', 'rows', 'heldOut', 'features'] as const)
    expect(found[same]).toEqual(expected[same]);
  close(found.loss, expected.loss);
  close(found.intercept, expected.intercept);
  for (const [name, weight] of Object.entries(expected.weights)) close(found.weights[name] ?? NaN, weight);
  close(found.score.train ?? NaN, expected.score.train ?? NaN);
  close(found.score.holdout ?? 0, expected.score.holdout ?? 0);
}

describe('thalweg fit, predict and evaluate', () => {
  const pairs = problem((row) => (row % 3 === 0 ? 1 : -1), 1);
  const numbers = problem((row) => Math.sin(row) * 3, 0);

  test.each([
    ['two classes, indices from 1', pairs, ['--l2', '0.01']],
    ['numbers, indices from 0', numbers, []],
    ['rows held out, mini-batches', numbers, ['--holdout', '0.3', '--seed', '5', '--strategy', 'mini-batch']],
    ['class weights, no scaling', pairs, ['--class-weight', 'balanced', '--no-standardize', '--l2', '0.1']],
  ])(
    'learn from an SVMlight file what they learn from a table: %s',
    async (_, { csv, svm, rows }, options) => {
      const device = ['--device', 'cpu', ...options];
      const table = await fitJson([write('table.csv', csv), '--target', 'label', ...device]);
      const found = await fitJson([write('rows.svm', svm), ...device]);
      expectAlike(found, table);
      const held = Array.from({ length: rows }, (_, row) => isHeld(row + 1, 5, 0.3)).filter(Boolean);
      expect(found.heldOut).toBe(options.includes('--holdout') ? held.length : undefined);
    },
  );

  test('read it compressed, from standard input, and as several files', async () => {
    const lines = pairs.svm.split(/(?<=\n)/);
    const whole = await fitJson([write('whole.libsvm', pairs.svm), '--l2', '0.1', '--device', 'cpu']);
    const zipped = write('rows.svm.gz', gzipSync(pairs.svm));
    // What is in a file is known by its bytes.
    const packed = write('rows.svmlight.zst', zstdFrame(pairs.svm));
    const parts = [
      write('1.svm', lines.slice(0, 40).join('')),
      write('2.svm', lines.slice(40).join('').trimEnd()),
    ];
    for (const data of [[zipped], [packed], parts])
      expectAlike(await fitJson([...data, '--l2', '0.1', '--device', 'cpu']), whole);
    const piped = await fitJson(['-', '--format', 'svmlight', '--l2', '0.1', '--device', 'cpu'], {
      input: pairs.svm,
    });
    expectAlike(piped, whole);
  });

  test('are told of where one is given twice', async () => {
    const file = write('twice.svm', '1 1:2 2:3\n0 1:1\n1 2:4\n0 1:3 2:1\n');
    const args = [file, path.join(folder, 'twic?.svm'), '--l2', '0.1', '--device', 'cpu'];
    const text = 'twice.svm is given more than once: its rows count as often';
    const saved = path.join(folder, 'twice.json');
    const found = await fitJson([...args, '--output', saved]);
    expect({ rows: found.rows, notes: noteTexts(found, 'FILE_TWICE') }).toEqual({ rows: 8, notes: [text] });
    for (const command of ['predict', 'evaluate'])
      expect((await thalweg([command, saved, file, file])).stderr).toBe(`${text}\n`);
  });

  test('learn several classes where they are asked for', async () => {
    const { csv, svm } = problem((row) => (row * row) % 3, 1);
    const options = ['--activation', 'softmax', '--l2', '0.1', '--device', 'cpu', '--json'];
    const model = `${folder}/classes.json`;
    const found = await thalweg(['fit', write('classes.svm', svm), '--output', model, ...options]);
    expect(found.code).toBe(0);
    const table = await thalweg(['fit', write('classes.csv', csv), '-t', 'label', ...options]);
    const [one, other] = [found, table].map(({ stdout }) => JSON.parse(stdout) as FitJson);
    close(one?.loss ?? NaN, other?.loss ?? 0);
    expect(one?.target).toEqual({ name: 'label', kind: 'number', levels: [0, 1] });
  });

  test('take a model for a table or for an SVMlight file, whichever it was trained on', async () => {
    const model = `${folder}/model.json`;
    const [table, rows] = [write('m.csv', pairs.csv), write('m.svm', pairs.svm)];
    const { score } = await fitJson([rows, '--l2', '0.01', '--output', model, '--device', 'cpu']);
    const [ofRows, ofTable] = [
      await thalweg(['predict', model, rows]),
      await thalweg(['predict', model, table]),
    ];
    expect(ofRows).toMatchObject({ code: 0, stderr: '' });
    const numbersOf = (text: string): number[] =>
      text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => Number(line.split(',')[0]));
    const found = numbersOf(ofRows.stdout);
    expect(found).toHaveLength(pairs.rows);
    numbersOf(ofTable.stdout).forEach((expected, row) => {
      close(found[row] ?? NaN, expected);
    });
    for (const file of [rows, table])
      expect(await json(['evaluate', model, file])).toMatchObject({ rows: 90, accuracy: score.train });
    // And in plain JavaScript, from objects.
    const [head = '', ...lines] = pairs.csv.trim().split('\n');
    const names = head.split(',');
    const objects = lines.map((line) =>
      Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', Number(cell)])),
    );
    for (const loaded of [await loadModel(model), loadAnywhere(readFileSync(model, 'utf8'))])
      loaded.predict(objects).forEach(({ probabilities }, row) => {
        close(probabilities?.['1'] ?? NaN, found[row] ?? 0);
      });
    // What an object does not have is 0.
    const entries = objects.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([, value]) => value !== 0)),
    );
    const loaded = await loadModel(model);
    expect(loaded.predict(entries)).toEqual(loaded.predict(objects));
    await exportModel(loaded, `${folder}/model.cjs`);
    const run = `console.log(JSON.stringify(${JSON.stringify(entries)}.map(require(${JSON.stringify(`${folder}/model.cjs`)}))))`;
    const said = await thalweg([], { main: write('run.cjs', run) });
    expect(JSON.parse(said.stdout)).toEqual(closeTo(loaded.predict(objects), 12));
  });

  test('choose penalties as for a table', async () => {
    const options = ['--l2', '0.01,0.1', '--folds', '3', '--device', 'cpu'];
    const [found, table] = (await Promise.all([
      json(['cv', write('cv.svm', pairs.svm), ...options]),
      json(['cv', write('cv.csv', pairs.csv), '-t', 'label', ...options]),
    ])) as { candidates: { l2: number; scores: number[]; losses: number[] }[] }[];
    expect(found?.candidates).toEqual(closeTo(table?.candidates, 6));
  });

  test('show the columns of the largest effect where there are many', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, row) => `${row % 2} ${1 + ((row * 37) % 1400)}:1 1500:${row}\n`,
    );
    const rows = write('wide.svm', lines.join(''));
    const { stdout } = await thalweg(['fit', rows, '--l2', '0.1', '--device', 'cpu']);
    expect(stdout).toMatch(/1,500 features → label/);
    expect(stdout).toMatch(/columns of less effect not shown here: 1,450; --json and --output have them/);
    expect(stdout.match(/^ {2}\d+ +\S+ +\S+$/gm)).toHaveLength(50);
  });

  test('leave values out of features that the model does not know, and say so', async () => {
    const model = write(
      'known.json',
      JSON.stringify({
        ...{ format: 'thalweg-model', version: 2, missing: 'drop', target: { name: 'y', kind: 'number' } },
        features: [
          { name: '7', kind: 'number', mean: 0, scale: 1 },
          { name: '2', kind: 'number', mean: 0, scale: 1 },
        ],
        neuron: { weights: [10, 1], bias: 0.5, activation: 'linear' },
      }),
    );
    const rows = write('new.svm', '0 2:3 7:4\n0 1:9 7:1\n0\n0 8:1\n');
    const { stdout, stderr } = await thalweg(['predict', model, rows]);
    expect(stdout).toBe('prediction\n43.5\n10.5\n0.5\n0.5\n');
    expect(stderr).toMatch(/2 values left out of features that training did not see, of index 1 the first/);
  });

  test('refuse what has no meaning there, and name it', async () => {
    const rows = write('refused.svm', pairs.svm);
    const named = write('named.json', JSON.stringify(namedModel));
    const table = write('refused.csv', pairs.csv);
    const line = write('line.svm', '1 1:1\n1 2:x\n');
    await Promise.all([
      expectFailure(['fit', rows, '--features', '1,2'], {
        code: 'ERR_COLUMN',
        message: /--features has no meaning for SVMlight files/,
      }),
      expectFailure(['fit', rows, '--missing', 'mean'], {
        code: 'ERR_COLUMN',
        message: /--missing has no meaning/,
      }),
      expectFailure(['fit', rows, '-t', 'y'], { code: 'ERR_COLUMN', message: /have no column "y"/ }),
      expectFailure(['fit', rows, '--delimiter', ','], { code: 'ERR_FILE', message: /--delimiter has no/ }),
      expectFailure(['fit', line, '--json'], {
        ...{ code: 'ERR_FILE', message: /line\.svm, line 2: "2:x" is no index:value/, row: 1 },
        path: line,
      }),
      expectFailure(['fit', rows, '--activation', 'exp'], {
        code: 'ERR_COLUMN',
        message: /row 2: the target "label" is -1; an exponential neuron/,
      }),
      expectFailure(['predict', named, rows], { code: 'ERR_MODEL', message: /reads the column "bmi"/ }),
      expectFailure(['fit', write('empty.svm', '# nothing\n')], {
        code: 'ERR_FILE',
        message: /has no rows/,
      }),
      expectFailure(['fit', write('labels.svm', '1\n2\n')], { code: 'ERR_FILE', message: /labels alone/ }),
      expectFailure(['fit', write('cut.svm.gz', gzipSync(pairs.svm).subarray(0, 60))], {
        code: 'ERR_FILE',
        message: /cannot be unpacked/,
      }),
    ]);
    expect(await thalweg(['fit', table])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/required option '-t, --target <column>' not specified/) as string,
    });
    await expectRejection((await loadModel(named)).predictTable(rows), {
      code: 'ERR_FILE',
      message: /refused\.svm is an SVMlight file, which has no columns/,
    });
  });

  const namedModel = {
    ...{ format: 'thalweg-model', version: 2, missing: 'drop', target: { name: 'y', kind: 'number' } },
    features: [{ name: 'bmi', kind: 'number', mean: 0, scale: 1 }],
    neuron: { weights: [1], bias: 0, activation: 'linear' },
  };
});
