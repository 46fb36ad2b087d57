import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { Layer, Neuron, exportModel, loadModel, saveModel } from '../../lib';
import { type Model, loadModel as loadAnywhere } from '../../lib/model';
import { javascriptOf } from '../../lib/model-files/exports/javascript';
import { onnxOf } from '../../lib/model-files/exports/onnx';
import { pmmlOf } from '../../lib/model-files/exports/pmml';
import { safetensorsOf } from '../../lib/model-files/exports/safetensors';
import { sqlOf } from '../../lib/model-files/exports/sql';
import type { ModelJSON } from '../../lib/model/format';
import { data, expectFailure, fitJson, temporaryFolder, thalweg } from '../cli/thalweg';
import { expectRejection } from '../support/expectations';
import { readPmml } from '../support/pmml';
import { type RandomModel, named, randomModels } from './random-model';

const folder = temporaryFolder();
const place = (name: string): string => path.join(folder, name);

type Row = Record<string, unknown>;
type Answer = { readonly label: string | null; readonly numbers: readonly (number | null)[] };

const jsonOf = (model: Model): ModelJSON => model.toJSON() as ModelJSON;

/** What a model says of a row: its label as text, and its numbers, null where there is no prediction. */
function answerOf(prediction: unknown, outputs: number): Answer {
  const { value, values, label, probabilities } = prediction as {
    value?: number | null;
    values?: readonly number[] | null;
    label?: unknown;
    probabilities?: Readonly<Record<string, number>> | null;
  };
  const numbers =
    values ?? (probabilities && Object.values(probabilities)) ?? (value === undefined ? null : [value]);
  const nothing = new Array<null>(outputs).fill(null);
  return {
    label: label === undefined || label === null ? null : `${label as string | number}`,
    numbers: numbers ?? nothing,
  };
}

/** How far two lists of numbers are apart, relative to the second; infinite where one lacks what the other has. */
function distance(actual: Answer, expected: Answer, nearZero: number): number {
  if (actual.label !== expected.label || actual.numbers.length !== expected.numbers.length) return Infinity;
  return Math.max(
    0,
    ...actual.numbers.map((value, k) => {
      const other = expected.numbers[k] ?? null;
      if (value === null || other === null) return value === other ? 0 : Infinity;
      const error = Math.abs(value - other);
      return error <= nearZero ? 0 : error / Math.abs(other);
    }),
  );
}

// What cancels in z is known to no more than its parts are.
const nearZero = 1e-14;

function compile(model: ModelJSON): (row: Row) => unknown {
  const module = { exports: undefined as unknown };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what is exported is code
  new Function('module', javascriptOf(model, 'commonjs'))(module);
  return module.exports as (row: Row) => unknown;
}

const outputsOf = ({ activation, biases }: Pick<RandomModel, 'activation' | 'biases'>): number =>
  activation === 'sigmoid' && biases.length === 1 ? 2 : biases.length;

/** The distances of what answers say to what the model says, row by row. */
function distances(answers: readonly Answer[], model: RandomModel): number[] {
  const expected = loadAnywhere(model.json).predict(named(model));
  return answers.map((answer, at) => distance(answer, answerOf(expected[at], outputsOf(model)), nearZero));
}

test('JavaScript says what the model says, to 1e-12', () => {
  fc.assert(
    fc.property(randomModels, (model) => {
      const predict = compile(jsonOf(loadAnywhere(model.json)));
      const answers = named(model).map((row) => answerOf(predict(row), outputsOf(model)));
      for (const found of distances(answers, model)) expect(found).toBeLessThanOrEqual(1e-12);
    }),
    { numRuns: 100 },
  );
});

/** A model of two columns of numbers. */
function ofNumbers(
  names: readonly [string, string],
  learned: Pick<ModelJSON, 'neuron' | 'layer'>,
  target = 'y',
): ModelJSON {
  const features = names.map((name) => ({ name, kind: 'number', mean: 0, scale: 1 }) as const);
  const about = { format: 'thalweg-model', version: 2, missing: 'drop' } as const;
  return { ...about, target: { name: target, kind: 'number' }, features, ...learned };
}

const hundreds = { neuron: { weights: [1, 100], bias: 0, activation: 'linear' } } as const;

describe('SQL', () => {
  const types: Readonly<Record<string, string>> = { number: 'DOUBLE', boolean: 'BOOLEAN', date: 'DATE' };
  const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

  function cell(value: unknown): string {
    if (value === null) return 'NULL';
    return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `${value as number | boolean}`;
  }

  async function answers({ json, rows, activation, biases }: RandomModel): Promise<Answer[]> {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      const columns = json.features.map(
        ({ name, kind }) => `${identifier(name)} ${types[kind] ?? 'VARCHAR'}`,
      );
      await connection.run(`CREATE TABLE data (${columns.join(', ')})`);
      const values = rows.map((row) => `(${row.map(cell).join(', ')})`).join(', ');
      await connection.run(`INSERT INTO data VALUES ${values}`);
      const found = await connection.runAndReadAll(sqlOf(jsonOf(loadAnywhere(json))));
      return found.getRows().map((cells) => {
        const said = cells.slice(rows[0]?.length);
        if (activation === 'softmax')
          return { label: said.at(-1) as string | null, numbers: said.slice(0, biases.length) as number[] };
        const one = said[0] as number | null;
        if (activation !== 'sigmoid' || biases.length > 1)
          return { label: null, numbers: said as (number | null)[] };
        return { label: said[1] as string | null, numbers: one === null ? [null, null] : [1 - one, one] };
      });
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  test('says what the model says, to 1e-12, whatever names and levels there are', async () => {
    await fc.assert(
      fc.asyncProperty(randomModels, async (model) => {
        for (const found of distances(await answers(model), model)) expect(found).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 60 },
    );
  });

  async function query(sql: string): Promise<unknown[][]> {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      await connection.run(`SET TimeZone = 'America/New_York'`);
      return (await connection.runAndReadAll(sql)).getRows();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  const patients = {
    ...{ format: 'thalweg-model', version: 2, missing: 'mean', target: { name: 'y', kind: 'number' } },
    features: [
      { name: 'bmi', kind: 'number', mean: 3, scale: 1 },
      { name: 'smoker', kind: 'category', levels: ['yes'], leftOut: 'no', means: [0.25], scales: [1] },
      { name: 'visit', kind: 'date', mean: 5, scale: 1, form: { read: 'date', order: 'day-first' } },
      { name: 'seen', kind: 'date', mean: 7, scale: 1 },
      { name: 'cost', kind: 'number', mean: 2, scale: 1, form: { read: 'number', decimal: ',' } },
    ],
    neuron: { weights: [1, 100, 1000, 1e5, 1e7], bias: 0, activation: 'linear' },
  } as const satisfies ModelJSON;
  const table = [
    'bmi,smoker,visit,seen,cost',
    '20.5,yes,13.01.1970,1970-01-02T12:00:00Z,"1,5"',
    'N/A,no,14.01.1970,1970-01-03 02:00:00+02:00,"2,5"',
    ' 30 ,,,,',
  ];
  const predicted = [20.5 + 100 + 12e3 + 1.5e5 + 1.5e7, 3 + 13e3 + 2e5 + 2.5e7, 30 + 25 + 5e3 + 7e5 + 2e7];

  test.each([
    ['a file of text', 'all_varchar = true', table],
    ['what DuckDB takes a file for', 'header = true', table],
    [
      'what DuckDB takes for booleans, dates and numbers',
      `types = {'smoker': 'BOOLEAN', 'bmi': 'DOUBLE', 'visit': 'DATE', 'seen': 'TIMESTAMPTZ', 'cost': 'DOUBLE'}, header = true`,
      [
        'bmi,smoker,visit,seen,cost',
        '20.5,true,1970-01-13,1970-01-02 12:00:00Z,1.5',
        ',false,1970-01-14,1970-01-03 00:00:00Z,2.5',
        '30,,,,',
      ],
    ],
  ])('reads %s, words for missing values among numbers', async (_, options, lines) => {
    writeFileSync(place('patients.csv'), `${lines.join('\n')}\n`);
    const from = `FROM read_csv('${place('patients.csv').replaceAll("'", "''")}', ${options})`;
    const rows = await query(sqlOf(patients).replace('FROM data', from));
    expect(rows.map((row) => row.at(-1))).toEqual(predicted);
  });

  test('gives NULL where a value does not read, and takes named words for missing', async () => {
    const model = { ...patients, nulls: ['-999', 'none'] } as const satisfies ModelJSON;
    const cells = [
      `('many', 'yes', '13.01.1970', '1970-01-02', '1,5')`,
      `('1_0', 'yes', '13.01.1970', '1970-01-02', '1,5')`,
      `('inf', 'yes', '13.01.1970', '1970-01-02', '1,5')`,
      `('+-1', 'yes', '13.01.1970', '1970-01-02', '1,5')`,
      `('1', 'yes', '1/1', '1970-01-02', '1,5')`,
      `('1', 'yes', '13.01.1970', 'soon', '1,5')`,
      `('1', 'yes', '13.01.1970', '1970-01-02', '1.5')`,
      `('-999.0', 'none', 'none', 'none', 'none')`,
      `('20.5\u00a0', 'none', 'none', 'none', 'none')`,
    ];
    const from = `FROM (VALUES ${cells.join(', ')}) AS t(bmi, smoker, visit, seen, cost)`;
    const rows = await query(sqlOf(model).replace('FROM data', from));
    const missing = 3 + 25 + 5e3 + 7e5 + 2e7;
    expect(rows.map((row) => row.at(-1))).toEqual([
      ...new Array<null>(7).fill(null),
      missing,
      missing - 3 + 20.5,
    ]);
  });

  test('gives NULL where a column of another type is no number, as the model has it', async () => {
    const json = ofNumbers(['x', 'z'], { neuron: { weights: [2, 0], bias: 1, activation: 'linear' } });
    for (const [value, expected] of [
      ['true', null],
      ["'101'::BIT", null],
      ["'3'::BLOB", null],
      ['3::TINYINT', 7],
      ['1.5::DECIMAL(9, 2)', 4],
    ] as const)
      for (const form of [undefined, { read: 'number', thousands: ',' }] as const) {
        const features = json.features?.map((feature, at) => ({
          ...feature,
          ...(at === 0 && form && { form }),
        }));
        const from = `FROM (VALUES (${value}, 1)) AS t(x, z)`;
        const [row] = await query(sqlOf({ ...json, features }).replace('FROM data', from));
        expect(row?.at(-1)).toBe(expected);
      }
  });

  test('gives NULL where z is no number', async () => {
    const from = `FROM (VALUES (1e300::DOUBLE, 1e300::DOUBLE), (1e300, 1), (1, 1e300), (1, 1)) AS t(a, b)`;
    const rows = [
      [1e300, 1e300],
      [1e300, 1],
      [1, 1e300],
      [1, 1],
    ];
    const said = async (model: ModelJSON): Promise<unknown[]> => {
      const found = await query(sqlOf(model).replace('FROM data', from));
      const expected = rows.map((row) => loadAnywhere(model).predict(row).label ?? null);
      expect(found.map((row) => row.at(-1))).toEqual(expected.map((label) => label && String(label)));
      return found.map((row) => row[2]);
    };
    const [plus, minus] = [1e300, -1e300];
    const pair = { weights: [plus, minus], bias: 0, activation: 'sigmoid', classes: ['no', 'yes'] } as const;
    expect(await said(ofNumbers(['a', 'b'], { neuron: pair }))).toEqual([null, 1, 0, 0.5]);
    const weights = [
      [plus, 0],
      [minus, 0],
    ];
    const layer = { weights, biases: [0, 0], activation: 'softmax', classes: ['p', 'q'] } as const;
    expect(await said(ofNumbers(['a', 'b'], { layer }))).toEqual([null, null, 0, 0.5]);
  });

  test('gives NULL where a number in a form is infinite', async () => {
    const json = ofNumbers(['a', 'b'], { neuron: { weights: [1, 1], bias: 0, activation: 'sigmoid' } });
    const features = json.features?.map((feature) => ({ ...feature, form: { read: 'number' } }) as const);
    const from = `FROM (VALUES ('1e999', '1'), ('0', '-1e999'), ('0', '0')) AS t(a, b)`;
    const rows = await query(sqlOf({ ...json, features }).replace('FROM data', from));
    expect(rows.map((row) => row.slice(2))).toEqual([
      [null, null],
      [null, null],
      [0.5, '1'],
    ]);
  });

  test.each(['prediction', 'PREDICTION', 'thalweg z0', 'Thalweg Z0', 'prediction 2'])(
    'reads a column that is called %s',
    async (name) => {
      const sql = sqlOf(ofNumbers([name, 'b'], hundreds));
      const from = `FROM (VALUES (1e0, 2e0)) AS t(${identifier(name)}, b)`;
      const whole = sql.replace('FROM data', from).replace(/;\n$/, '');
      const added = /^prediction$/i.test(name) ? 'prediction 2' : 'prediction';
      expect(await query(`SELECT ${identifier(added)} FROM (${whole}\n)`)).toEqual([[201]]);
      // A target, too, is in the table that it was learned from.
      const ofTarget = sqlOf(ofNumbers(['a', 'b'], hundreds, name));
      const beside = `FROM (VALUES (1e0, 2e0, 5e0)) AS t(a, b, ${identifier(name)})`;
      const besides = ofTarget.replace('FROM data', beside).replace(/;\n$/, '');
      const both = `SELECT ${identifier(name)}, ${identifier(added)} FROM (${besides}\n)`;
      expect(await query(both)).toEqual([[5, 201]]);
    },
  );

  test.each([
    ['x', 'X', 'y'],
    ['a', 'x', 'X'],
  ])('refuses columns of which SQL takes two for one: %s, %s, %s', (one, other, target) => {
    const model = ofNumbers([one, other], hundreds, target);
    expect(() => sqlOf(model)).toThrow(/"[xX]" and "[xX]" differ in capitals alone, and are one to SQL/);
    expect(loadAnywhere(model).predict([1, 2])).toEqual({ value: 201 });
    expect(sqlOf(ofNumbers(['ä', 'Ä'], hundreds))).toContain('"Ä"');
  });

  test('reads columns of a form, and fails where a missing value is an error', async () => {
    const form = { read: 'number', decimal: ',', after: ['€'] } as const;
    const model = {
      format: 'thalweg-model',
      version: 2,
      missing: 'error',
      target: { name: 'y', kind: 'number' },
      features: [{ name: 'x', kind: 'number', mean: 0, scale: 1, form }],
      neuron: { weights: [2], bias: 1, activation: 'linear' },
    } as const satisfies ModelJSON;
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE data AS SELECT '1,5 €' AS x`);
    const found = await connection.runAndReadAll(sqlOf(model));
    expect(found.getRows()).toEqual([['1,5 €', 4]]);
    await connection.run(`INSERT INTO data VALUES (NULL)`);
    await expect(connection.runAndReadAll(sqlOf(model))).rejects.toThrow('the column "x" holds no value');
    connection.closeSync();
    instance.closeSync();
  });
});

describe('ONNX', () => {
  const worker = new Worker(path.join(__dirname, 'programs', 'onnx.cjs'));

  afterAll(async () => {
    await worker.terminate();
  });

  interface Found {
    readonly error?: string;
    readonly outputs?: Readonly<
      Record<string, { readonly data: (number | string)[]; readonly dims: number[] }>
    >;
  }

  async function run(bytes: Uint8Array, model: Pick<RandomModel, 'json' | 'rows'>): Promise<Answer[]> {
    const feeds = model.json.features.map(({ name, kind }, at) => {
      const cells = model.rows.map((row) => row[at] ?? null);
      if (kind === 'category')
        return { name, type: 'string', values: cells.map((text) => String(text ?? '')) };
      const days = (value: number | string | boolean): number =>
        kind === 'date' ? Date.parse(value as string) / 86_400_000 : Number(value);
      return { name, type: 'float64', values: cells.map((value) => (value === null ? NaN : days(value))) };
    });
    worker.postMessage({ bytes, feeds });
    const [{ error, outputs = {} }] = (await once(worker, 'message')) as [Found];
    if (error !== undefined) throw new Error(error);
    // Behind another name than these stands a number, where a column has it.
    const found = (like: string) => outputs[`${like} 2`] ?? outputs[like];
    const { data, dims } = found('probabilities') ?? found('value') ?? { data: [], dims: [] };
    const width = Number(dims[1]);
    return model.rows.map((_, row) => {
      const numbers = data.slice(row * width, (row + 1) * width) as number[];
      const label = found('label')?.data[row] ?? '';
      return {
        label: label === '' ? null : String(label),
        numbers: numbers.map((number) => (Number.isFinite(number) ? number : null)),
      };
    });
  }

  test('says what the model says under onnxruntime, to 1e-12', async () => {
    await fc.assert(
      fc.asyncProperty(randomModels, async (model) => {
        const answers = await run(onnxOf(jsonOf(loadAnywhere(model.json))), model);
        for (const found of distances(answers, model)) expect(found).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['diabetes.csv', 'progression'],
    ['breast-cancer.csv', 'benign'],
  ])('so it does of %s', async (name, target) => {
    const file = place(`${name}.json`);
    await fitJson([data(name), '--target', target, '--output', file]);
    const exportedTo = place(`${name}.onnx`);
    const model = await loadModel(file);
    await exportModel(model, exportedTo);
    const [head = '', ...lines] = readFileSync(data(name), 'utf8').trimEnd().split('\n');
    const names = head.split(',');
    const all = lines.map((line) =>
      Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', Number(cell)])),
    );
    const json = jsonOf(model) as unknown as RandomModel['json'];
    const rows = all.map((row) => json.features.map(({ name: column }) => row[column] ?? null));
    const answers = await run(readFileSync(exportedTo), { json, rows });
    const expected = model.predict(all);
    const found = answers.map((answer, at) =>
      distance(answer, answerOf(expected[at], answer.numbers.length), nearZero),
    );
    expect(Math.max(...found)).toBeLessThanOrEqual(1e-12);
  });

  test('takes a number that stands for a missing value for one, as the model and its function do', async () => {
    const features = ['x', 'w'].map(
      (name) => ({ name, kind: 'number', mean: 3, scale: 1, fill: 3 }) as const,
    );
    const neuron = { weights: [2, 10], bias: 1, activation: 'linear' } as const;
    const target = { name: 'y', kind: 'number' } as const;
    const named = { missing: 'mean', nulls: ['-999', 'x', '-9e9'], features, target, neuron } as const;
    const json = { format: 'thalweg-model', version: 2, ...named } as const satisfies ModelJSON;
    const rows = [
      [-999, 1],
      [-9e9, -999],
      [5, -998],
    ];
    const expected = [17, 37, -9969];
    const said = rows.map(([x, w]) => ({ x, w }));
    expect(loadAnywhere(json).predict(said)).toEqual(expected.map((value) => ({ value })));
    expect(loadAnywhere(json).predict({ x: '-999.0', w: ' -9e9' })).toEqual({ value: 37 });
    expect(said.map(compile(json))).toEqual(expected.map((value) => ({ value })));
    const answers = await run(onnxOf(json), { json, rows });
    expect(answers.map(({ numbers }) => numbers)).toEqual(expected.map((value) => [value]));
  });

  test('takes a number or boolean that is written as a word for a missing value for one, as the model and its function do', () => {
    const of = { mean: 0, scale: 1 };
    const features = [
      { name: 'code', kind: 'category', levels: ['7'], leftOut: '8', fill: '7', means: [0.5], scales: [1] },
      { name: 'on', kind: 'boolean', ...of, fill: 0 },
    ] as const;
    const neuron = { weights: [2, 10], bias: 1, activation: 'linear' } as const;
    const named = { missing: 'mode', nulls: ['-999', 'true'], features, neuron } as const;
    const target = { name: 'y', kind: 'number' } as const;
    const json = { format: 'thalweg-model', version: 2, target, ...named } as const satisfies ModelJSON;
    const rows = [
      { code: -999, on: false },
      { code: -999n, on: true },
      { code: true, on: 'true' },
      { code: 8, on: false },
    ];
    const expected = [3, 3, 3, 1].map((value) => ({ value }));
    expect(loadAnywhere(json).predict(rows)).toEqual(expected);
    expect(rows.map(compile(json))).toEqual(expected);
  });

  test.each(['value', 'label', 'probabilities', 'thalweg/Add'])('reads a column called %s', async (name) => {
    const json = ofNumbers([name, 'b'], hundreds);
    const rows = [[1, 2]];
    const features = [name, 'b'].map((column) => ({ name: column, kind: 'number' }));
    const numbersOf = async (model: ModelJSON): Promise<unknown> =>
      (await run(onnxOf(model), { json: { features, missing: 'drop' }, rows })).map((found) => found.numbers);
    expect(await numbersOf(json)).toEqual([[201]]);
    const neuron = { weights: [2, -1], bias: 0, activation: 'sigmoid', classes: ['no', 'yes'] } as const;
    expect(await numbersOf(ofNumbers([name, 'b'], { neuron }))).toEqual([[0.5, 0.5]]);
  });

  test('and SQL refuse a column without a name', () => {
    const model = ofNumbers(['', 'b'], hundreds);
    expect(() => onnxOf(model)).toThrow("a column of the model is called '', and in ONNX each has a name");
    expect(() => sqlOf(model)).toThrow("a column of the model is called '', and in SQL each has a name");
  });

  test('is read by the whole of ONNX’s schema as it was written', () => {
    const layer = new Layer({ weights: [[1, 0, -1]], activation: 'softmax', classes: ['a', 'b', 'ü'] });
    const bytes = onnxOf(jsonOf(loadAnywhere(layer.toJSON())));
    const read = onnx.ModelProto.decode(bytes);
    expect(onnx.ModelProto.verify(read)).toBeNull();
    expect(read).toMatchObject({
      producerName: 'thalweg',
      opsetImport: [{ domain: '' }, { domain: 'ai.onnx.ml' }],
    });
    expect(read.graph?.output?.map(({ name }) => name)).toEqual(['label', 'probabilities']);
    // What it does not know would have been dropped.
    expect(Buffer.from(onnx.ModelProto.encode(read).finish())).toHaveLength(bytes.length);
    const about = read.metadataProps.find(({ key }) => key === 'thalweg-model')?.value ?? '';
    expect(loadAnywhere(about).predict([2])).toEqual(loadAnywhere(layer.toJSON()).predict([2]));
  });
});

describe('PMML', () => {
  /** A cell as a text of a table that PMML's readers take. */
  const cell = (value: string | number | boolean | null | undefined, kind: string): string | null => {
    if (value === null || value === undefined) return null;
    return kind === 'date' ? `${String(value)}T00:00:00` : String(value);
  };

  function said({ json, rows }: Pick<RandomModel, 'json' | 'rows'>, text: string, outputs: number): Answer[] {
    const reader = readPmml(text);
    expect(reader.fields).toEqual(json.features.map(({ name }) => name));
    return rows.map((row) => {
      const cells = json.features.map(({ name, kind }, at) => [name, cell(row[at], kind)] as const);
      const answer = reader.answer(Object.fromEntries(cells));
      if (answer === undefined) return { label: null, numbers: new Array<null>(outputs).fill(null) };
      const { predicted, outputs: found } = answer;
      return typeof predicted === 'number'
        ? { label: null, numbers: [predicted] }
        : { label: predicted, numbers: Object.values(found) };
    });
  }

  const isWrittenAs = ({ activation, biases }: RandomModel): boolean =>
    activation === 'softmax' || (biases.length === 1 && ['linear', 'exp', 'sigmoid'].includes(activation));

  test('says what the model says, to 1e-12, whatever names and levels there are', () => {
    fc.assert(
      fc.property(randomModels.filter(isWrittenAs), (model) => {
        const text = pmmlOf(jsonOf(loadAnywhere(model.json)));
        for (const found of distances(said(model, text, outputsOf(model)), model))
          expect(found).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 200 },
    );
  });

  test('refuses a model that it has no words for, and names what', () => {
    fc.assert(
      fc.property(
        randomModels.filter((model) => !isWrittenAs(model)),
        (model) => {
          const { activation, biases } = model;
          const what = biases.length > 1 ? '3 outputs' : `the activation ${activation}`;
          expect(() => pmmlOf(jsonOf(loadAnywhere(model.json)))).toThrow(
            `the model has ${what}, for which PMML's RegressionModel has no words`,
          );
        },
      ),
      { numRuns: 20 },
    );
    const unwritable = new Neuron({ weights: [1], activation: 'sigmoid', classes: ['a\u0001', 'b'] });
    expect(() => pmmlOf(jsonOf(loadAnywhere(unwritable.toJSON())))).toThrow(
      'a character that XML cannot hold',
    );
  });

  test.each([
    ['diabetes.csv', 'progression'],
    ['breast-cancer.csv', 'benign'],
  ])('says so of %s', async (name, target) => {
    const file = place(`${name}.json`);
    await fitJson([data(name), '--target', target, '--output', file]);
    const exportedTo = place(`${name}.pmml`);
    const model = await loadModel(file);
    await exportModel(model, exportedTo);
    const reader = readPmml(readFileSync(exportedTo, 'utf8'));
    const [head = '', ...lines] = readFileSync(data(name), 'utf8').trimEnd().split('\n');
    const rows = lines.map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(head.split(',').map((column, at) => [column, cells[at] ?? null]));
    });
    expect(reader.target).toBe(target);
    const expected = model.predict(rows);
    const found = rows.map((row, at) => {
      const { predicted = NaN, outputs = {} } = reader.answer(row) ?? {};
      const answer =
        typeof predicted === 'number'
          ? { label: null, numbers: [predicted] }
          : { label: predicted, numbers: Object.values(outputs) };
      return distance(answer, answerOf(expected[at], answer.numbers.length), nearZero);
    });
    expect(Math.max(...found)).toBeLessThanOrEqual(1e-12);
  });

  test('takes named words for missing, and levels as they stand', () => {
    const model = {
      ...{ format: 'thalweg-model', version: 2, missing: 'mode', nulls: ['-9', 'none'] },
      target: { name: 'y', kind: 'number' },
      features: [
        { name: 'x', kind: 'number', mean: 0, scale: 1, fill: 5 },
        {
          ...{ name: 'c', kind: 'category', levels: ['a & <b>', 'none'], leftOut: 'z', fill: 'a & <b>' },
          ...{ means: [0.5, 0.25], scales: [1, 1] },
        },
        {
          ...{ name: 'k', kind: 'category', levels: ['none'], leftOut: 'z', fill: 'z', keepsWords: true },
          ...{ means: [0.5], scales: [1] },
        },
        { name: 't', kind: 'date', mean: 0, scale: 1, fill: 2 },
      ],
      neuron: { weights: [1, 100, 1e3, 1e4, 1e5], bias: 0.5, activation: 'linear' },
    } as const satisfies ModelJSON;
    const reader = readPmml(pmmlOf(model));
    const predicted = (row: Record<string, string | null>) => reader.answer(row)?.predicted;
    const t = '1970-01-02T12:00:00';
    expect(predicted({ x: '2', c: 'a & <b>', k: 'none', t })).toBeCloseTo(0.5 + 2 + 100 + 1e4 + 1.5e5, 6);
    expect(predicted({ x: '-9', c: 'none', k: 'z', t: null })).toBeCloseTo(0.5 + 5 + 100 + 2e5, 6);
    expect(predicted({ x: 'many', c: 'z', k: 'z', t })).toBeUndefined();
  });

  test('takes what a row does not have for 0 where the model does', () => {
    const features = ['1', '30'].map((name) => ({ name, kind: 'number', mean: 0, scale: 1 }) as const);
    const model = {
      ...{ format: 'thalweg-model', version: 2, missing: 'drop', target: { name: 'label', kind: 'number' } },
      ...{ features, neuron: { weights: [2, 4], bias: 0.5, activation: 'linear' } },
    } as const satisfies ModelJSON;
    const of = (some: ModelJSON) => readPmml(pmmlOf(some)).answer({ '1': '3' })?.predicted;
    expect(of({ ...model, sparse: true })).toBeCloseTo(6.5, 12);
    expect(of(model)).toBeUndefined();
  });
});

/** A reader of safetensors of its own. */
function tensorsOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const size = Number(view.getBigUint64(0, true));
  const { __metadata__: metadata, ...tensors } = JSON.parse(
    Buffer.from(bytes.subarray(8, 8 + size)).toString(),
  ) as Record<string, { shape: number[]; dtype: string; data_offsets: [number, number] }>;
  const read = Object.entries(tensors).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [first, last],
      },
    ]) => {
      expect({ dtype, bytes: last - first }).toEqual({
        dtype: 'F64',
        bytes: 8 * shape.reduce((a, b) => a * b, 1),
      });
      const values = Array.from({ length: (last - first) / 8 }, (_, at) =>
        view.getFloat64(8 + size + first + 8 * at, true),
      );
      return [name, { shape, values }];
    },
  );
  expect(size % 8).toBe(0);
  return { metadata, ...Object.fromEntries(read) } as unknown as {
    readonly metadata: Readonly<Record<string, string>>;
    readonly weights: { readonly shape: number[]; readonly values: number[] };
    readonly biases: { readonly shape: number[]; readonly values: number[] };
  };
}

test('safetensors hold weights, biases and the names of columns', () => {
  fc.assert(
    fc.property(randomModels, (model) => {
      const json = jsonOf(loadAnywhere(model.json));
      const { metadata, weights, biases } = tensorsOf(safetensorsOf(json));
      expect(weights).toEqual({
        shape: [model.weights.length, model.biases.length],
        values: model.weights.flat(),
      });
      expect(biases).toEqual({ shape: [model.biases.length], values: model.biases });
      expect(JSON.parse(metadata.columns ?? '')).toHaveLength(model.weights.length);
      expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true);
      expect(JSON.parse(metadata.model ?? '')).toEqual(JSON.parse(JSON.stringify(json)));
    }),
    { numRuns: 30 },
  );
});

const inClothes = {
  ...{ format: 'thalweg-model', version: 2, missing: 'drop', target: { name: 'y', kind: 'number' } },
  features: [{ name: 'price', kind: 'number', mean: 0, scale: 1, form: { read: 'number', after: ['€'] } }],
  neuron: { weights: [2], bias: 1, activation: 'linear' },
} as const;

describe('exportModel and thalweg export', () => {
  const neuron = new Neuron({ weights: [2, -1], bias: 0.5, activation: 'sigmoid', classes: ['no', 'yes'] });
  const options = { features: ['a', 'b'], target: 'y' };

  test.each(['onnx', 'safetensors', 'js', 'mjs', 'sql', 'pmml'])('write the same as .%s', async (ending) => {
    const [file, one, other] = [place('model.json'), place(`one.${ending}`), place(`other.${ending}`)];
    await saveModel(neuron, file, options);
    await exportModel(await loadModel(file), one);
    expect(await thalweg(['export', file, '--output', other])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(other).equals(readFileSync(one))).toBe(true);
  });

  test('print what is text', async () => {
    const file = place('model.json');
    await saveModel(neuron, file, options);
    const { stdout } = await thalweg(['export', file, '--to', 'js']);
    writeFileSync(place('printed.mjs'), stdout);
    expect(await thalweg(['export', file, '-o', place('written.js')])).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(place('written.js'), 'utf8')).toBe(stdout);
    const run = `import(${JSON.stringify(pathToFileURL(place('printed.mjs')).href)}).then((it) => console.log(JSON.stringify(it.predict({ a: 1, b: 2 }))))`;
    writeFileSync(place('run.mjs'), run);
    const said = await thalweg([], { main: place('run.mjs') });
    expect(JSON.parse(said.stdout)).toEqual((await loadModel(file)).predict({ a: 1, b: 2 }));
  });

  test('refuse what they cannot write, and name it', async () => {
    const file = place('model.json');
    await saveModel(neuron, file, options);
    await expectFailure(['export', file], { code: 'ERR_INVALID_ARGUMENT', message: /Say as what with --to/ });
    await expectFailure(['export', file, '--to', 'onnx'], {
      code: 'ERR_INVALID_ARGUMENT',
      message: /onnx is no text to print/,
    });
    await expectRejection(exportModel(neuron, place('x.txt')), {
      code: 'ERR_INVALID_ARGUMENT',
      message: /must be \.onnx, \.safetensors, \.js, \.sql, \.pmml/,
    });
    const dressed = loadAnywhere(inClothes);
    for (const ending of ['onnx', 'pmml'])
      await expectRejection(exportModel(dressed, place(`dressed.${ending}`)), {
        code: 'ERR_MODEL',
        path: 'price',
        message:
          /the column "price" was trained on numbers written in a form of their own.*Export as js or sql/,
      });
  });

  test('what a function of JavaScript refuses names the column', () => {
    const predict = compile(jsonOf(loadAnywhere(neuron.toJSON())));
    expect(() => predict({ 0: 1 })).toThrow('the column "1" is not there');
    expect(() => predict({ 0: 1, 1: 'x' })).toThrow('the column "1" is x, and no number');
  });
});
