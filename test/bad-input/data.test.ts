import { MessageChannel } from 'node:worker_threads';
import {
  type MatrixChunks,
  Neuron,
  type NumericArray,
  type VectorLike,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { type Target, describeOnUsualDevices } from '../support/each-device';
import { type Expected, expectRejection } from '../support/expectations';

/** Moves a buffer elsewhere, as posting it to a worker does. */
function detach(values: Float32Array | Float64Array): void {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(values, [values.buffer as ArrayBuffer]);
  port1.close();
  port2.close();
}

function detached(): Float64Array {
  const values = Float64Array.of(1, 2, 3, 4);
  detach(values);
  return values;
}

const shared = new Float32Array(new SharedArrayBuffer(16));
const argument = 'ERR_INVALID_ARGUMENT';
const flatOf = (shape: unknown, data: unknown = new Float64Array(4)): unknown => ({ data, shape });

/** Two rows of three columns in CSR, with other parts. */
const csrOf = (parts: object): unknown => ({
  data: Float64Array.of(1, 2, 3),
  indices: Int32Array.of(0, 2, 1),
  indptr: Int32Array.of(0, 2, 3),
  shape: [2, 3],
  ...parts,
});

/** Two rows of a column and codes of three levels. */
const codedOf = (category: object, parts: object = {}): unknown => ({
  dense: [[1], [2]],
  categories: [{ codes: Uint8Array.of(0, 2), levels: 3, ...category }],
  ...parts,
});

/** Two rows of two columns, in blocks. */
const blocksOf = (parts: object): unknown => ({
  rows: 2,
  columns: 2,
  dtype: 'float64',
  blocks: () => [Float64Array.of(1, 2), Float64Array.of(3, 4)],
  ...parts,
});

/** [what it is, X, the error] */
const badLayouts: [string, unknown, Expected][] = [
  [
    'CSR with a column that there is not',
    csrOf({ indices: Int32Array.of(0, 2, 3) }),
    { code: 'ERR_SHAPE', option: 'X', row: 1, message: 'X.indices names column 3 in row 1, and X has 3' },
  ],
  [
    'CSR with a column below 0',
    csrOf({ indices: Int32Array.of(0, -1, 1) }),
    { code: 'ERR_SHAPE', option: 'X', row: 0, message: 'column -1 in row 0' },
  ],
  [
    'CSR with half a column',
    csrOf({ indices: Float64Array.of(0, 0.5, 1) }),
    { code: 'ERR_SHAPE', option: 'X', row: 0, message: 'column 0.5 in row 0' },
  ],
  [
    'CSR with fewer indices than values',
    csrOf({ indices: Int32Array.of(0, 2) }),
    { code: 'ERR_SHAPE', option: 'X', message: 'X.indices has 2 values, and X.data has 3' },
  ],
  [
    'CSR with another count of rows',
    csrOf({ shape: [3, 3] }),
    { code: 'ERR_SHAPE', option: 'X', message: 'X.indptr has 3 values, and 3 rows need 4' },
  ],
  [
    'CSR that does not begin at 0',
    csrOf({ indptr: Int32Array.of(1, 2, 3) }),
    { code: 'ERR_SHAPE', option: 'X', row: 0, message: 'X.indptr[0] is 1: it must rise from 0 to the 3' },
  ],
  [
    'CSR whose rows end between values',
    csrOf({ indptr: Float64Array.of(0, 1.5, 3) }),
    { code: 'ERR_SHAPE', option: 'X', row: 0, message: 'X.indptr[1] is 1.5: it must rise from 0 to the 3' },
  ],
  [
    'CSR that ends early',
    csrOf({ indptr: Int32Array.of(0, 2, 2) }),
    { code: 'ERR_SHAPE', option: 'X', row: 1, message: 'X.indptr[2] is 2' },
  ],
  [
    'CSR that falls',
    csrOf({ indptr: Int32Array.of(0, 4, 3) }),
    { code: 'ERR_SHAPE', option: 'X', row: 0, message: 'X.indptr[1] is 4' },
  ],
  [
    'CSR beside codes',
    { dense: csrOf({}), categories: [{ codes: Uint8Array.of(0, 0), levels: 1 }] },
    { code: argument, option: 'X', message: 'X.dense must be an array of rows, or { data, shape }' },
  ],
  [
    'CSR of integers',
    csrOf({ data: Int32Array.of(1, 2, 3) }),
    { code: argument, option: 'X', message: 'X.data must be a Float32Array or a Float64Array' },
  ],
  [
    'CSR with an array of indices',
    csrOf({ indices: [0, 2, 1] }),
    { code: argument, option: 'X', message: 'X.indices must be a typed array of whole numbers' },
  ],
  [
    'CSR with NaN',
    csrOf({ data: Float64Array.of(1, 2, NaN) }),
    { code: 'ERR_NOT_FINITE', option: 'X', row: 1, column: 1, message: /row 1, column 1 is NaN/ },
  ],
  [
    'a code that is no level',
    codedOf({ levels: 2 }),
    {
      code: 'ERR_SHAPE',
      option: 'X',
      row: 1,
      message: 'X.categories[0].codes[1] is 2, and there are 2 levels',
    },
  ],
  [
    'codes of another count',
    codedOf({ codes: Uint16Array.of(0, 1, 2) }),
    { code: 'ERR_SHAPE', option: 'X', message: 'X.categories[0] has 3 codes, and X has 2 rows' },
  ],
  [
    'codes below 0',
    codedOf({ codes: Int8Array.of(0, -1) }),
    { code: argument, option: 'X', message: 'codes must be a Uint8Array, a Uint16Array or a Uint32Array' },
  ],
  ['no levels', codedOf({ levels: 0 }), { code: argument, option: 'X', message: 'levels must be a whole' }],
  ['codes without rows', { categories: [] }, { code: 'ERR_SHAPE', option: 'X', message: 'X has no rows' }],
  [
    'codes that are no list',
    { categories: { codes: Uint8Array.of(1) } },
    { code: argument, option: 'X', message: 'X.categories must be an array' },
  ],
  [
    'a matrix beside codes that is none',
    codedOf({}, { dense: 7 }),
    { code: argument, option: 'X', message: 'X.dense must be an array of rows' },
  ],
  [
    'a ragged matrix beside codes',
    codedOf({}, { dense: [[1], [2, 3]] }),
    { code: 'ERR_SHAPE', row: 1, message: /X\.dense\[1\] has 2 values/ },
  ],
  [
    'blocks of fewer rows',
    blocksOf({ blocks: () => [Float64Array.of(1, 2)] }),
    { code: 'ERR_SHAPE', option: 'X', message: 'X.blocks() gave only 1 row, and X.rows is 2' },
  ],
  [
    'blocks of more rows',
    blocksOf({ blocks: () => [new Float64Array(6)] }),
    { code: 'ERR_SHAPE', option: 'X', message: 'X.blocks() gave more rows, and X.rows is 2' },
  ],
  [
    'blocks of half a row',
    blocksOf({ blocks: () => [Float64Array.of(1, 2, 3)] }),
    { code: 'ERR_SHAPE', option: 'X', message: 'no whole number of rows of 2' },
  ],
  [
    'blocks of another type',
    blocksOf({ blocks: () => [[1, 2]] }),
    { code: argument, option: 'X', message: 'every chunk must be a typed array' },
  ],
  [
    'blocks that are none',
    blocksOf({ blocks: () => 5 }),
    { code: argument, message: 'X.blocks() must give' },
  ],
  [
    'blocks that are no function',
    blocksOf({ blocks: [] }),
    { code: argument, message: 'must be a function' },
  ],
  [
    'blocks of no rows, which are counted',
    blocksOf({ rows: undefined, blocks: () => [] }),
    { code: 'ERR_SHAPE', message: 'X has no rows' },
  ],
  [
    'blocks of half a row, which are counted',
    blocksOf({ rows: undefined, blocks: () => [Float64Array.of(1, 2, 3)] }),
    { code: 'ERR_SHAPE', option: 'X', message: 'no whole number of rows of 2' },
  ],
  [
    'blocks of half a number of rows',
    blocksOf({ rows: 1.5 }),
    { code: 'ERR_SHAPE', message: 'two whole numbers' },
  ],
  ['blocks of no dtype', blocksOf({ dtype: 'int8' }), { code: argument, message: "'float32' or 'float64'" }],
];

/** [what it is, X, the error] */
const badMatrices: [string, unknown, Expected][] = [
  ...badLayouts,
  [
    'a ragged row',
    [[1, 2], [3]],
    { code: 'ERR_SHAPE', option: 'X', row: 1, message: /X\[1\] has 1 values, and X\[0\] has 2/ },
  ],
  [
    'a ragged typed row',
    [Float32Array.of(1), Float32Array.of(1, 2)],
    { code: 'ERR_SHAPE', option: 'X', row: 1, message: /X\[1\] has 2 values/ },
  ],
  ['no rows', [], { code: 'ERR_SHAPE', option: 'X', message: 'X has no rows' }],
  [
    'no rows by shape',
    flatOf([0, 2], new Float64Array(0)),
    { code: 'ERR_SHAPE', option: 'X', message: 'X has no rows' },
  ],
  ['no columns', [[], []], { code: 'ERR_SHAPE', option: 'X', message: 'X has no columns' }],
  [
    'no columns by shape',
    flatOf([2, 0], new Float64Array(0)),
    { code: 'ERR_SHAPE', option: 'X', message: 'no columns' },
  ],
  [
    'fewer values than the shape names',
    flatOf([3, 2]),
    { code: 'ERR_SHAPE', option: 'X', message: /4 values.*needs 6/ },
  ],
  ['a negative shape', flatOf([-2, -2]), { code: 'ERR_SHAPE', option: 'X', message: 'two whole numbers' }],
  [
    'a fractional shape',
    flatOf([1.6, 2.5]),
    { code: 'ERR_SHAPE', option: 'X', message: 'two whole numbers' },
  ],
  ['a shape of NaN', flatOf([NaN, 2]), { code: 'ERR_SHAPE', option: 'X', message: 'two whole numbers' }],
  ['a shape of three', flatOf([2, 2, 1]), { code: 'ERR_SHAPE', option: 'X', message: 'two whole numbers' }],
  [
    'no shape',
    { data: new Float64Array(4) },
    { code: argument, option: 'X', message: 'must be an array of rows' },
  ],
  ['a shape of null', flatOf(null), { code: 'ERR_SHAPE', option: 'X', message: 'two whole numbers' }],
  [
    'integers as data',
    flatOf([2, 2], new Int32Array(4)),
    { code: argument, option: 'X', message: 'Float32Array or a Float64Array' },
  ],
  [
    'an array as data',
    flatOf([2, 2], [1, 2, 3, 4]),
    { code: argument, option: 'X', message: 'X.data must be' },
  ],
  [
    'NaN',
    [
      [1, 2],
      [3, NaN],
    ],
    { code: 'ERR_NOT_FINITE', option: 'X', row: 1, column: 1, message: /row 1, column 1 is NaN/ },
  ],
  [
    'Infinity',
    flatOf([2, 2], Float64Array.of(1, 2, -Infinity, 3)),
    { code: 'ERR_NOT_FINITE', option: 'X', row: 1, column: 0, message: /-Infinity/ },
  ],
  [
    'float32 Infinity',
    flatOf([2, 1], Float32Array.of(1, Infinity)),
    { code: 'ERR_NOT_FINITE', row: 1, column: 0, message: /column 0 is Infinity/ },
  ],
  [
    'a hole in a row',
    [[1, 2], Object.assign(new Array(2), { 1: 3 })],
    { code: argument, option: 'X', row: 1, column: 0, message: 'X[1][0] must be a number; it is missing' },
  ],
  [
    'holes for rows',
    new Array(2),
    { code: argument, option: 'X', row: 0, message: 'X[0] must be an array of numbers' },
  ],
  [
    'null for a row',
    [[1, 2], null],
    { code: argument, option: 'X', row: 1, message: 'X[1] must be an array of numbers' },
  ],
  [
    'numbers for rows',
    [1, 2],
    { code: argument, option: 'X', row: 0, message: 'X[0] must be an array of numbers' },
  ],
  [
    'a string',
    [
      [1, '2'],
      [3, 4],
    ],
    { code: argument, option: 'X', row: 0, column: 1, message: "it is the string '2'" },
  ],
  [
    'a boolean',
    [
      [1, 2],
      [true, 4],
    ],
    { code: argument, row: 1, column: 0, message: 'it is a boolean' },
  ],
  [
    'an array for a value',
    [
      [1, 2],
      [[3], 4],
    ],
    { code: argument, row: 1, column: 0, message: 'it is an array' },
  ],
  [
    'a bigint',
    [
      [1, 2],
      [3n, 4],
    ],
    { code: argument, row: 1, column: 0, message: 'it is a bigint' },
  ],
  [
    'null for a value',
    [
      [1, 2],
      [3, null],
    ],
    { code: argument, row: 1, column: 1, message: 'must be a number' },
  ],
  ['a detached buffer', flatOf([2, 2], detached()), { code: argument, option: 'X', message: 'is detached' }],
  ['a detached row', [[1, 2, 3, 4], detached()], { code: argument, option: 'X', message: 'is detached' }],
  ['a shared buffer', flatOf([2, 2], shared), { code: argument, option: 'X', message: 'SharedArrayBuffer' }],
  ['a shared row', [shared, shared], { code: argument, option: 'X', message: 'SharedArrayBuffer' }],
  ['undefined', undefined, { code: argument, option: 'X', message: 'X must be an array of rows' }],
  ['null', null, { code: argument, option: 'X', message: 'X must be an array of rows' }],
  ['a number', 7, { code: argument, option: 'X', message: 'X must be an array of rows' }],
  ['text', 'a,b\n1,2', { code: argument, option: 'X', message: 'X must be an array of rows' }],
  ['an empty object', {}, { code: argument, option: 'X', message: 'X must be an array of rows' }],
  [
    'a bare typed array',
    Float64Array.of(1, 2),
    { code: argument, option: 'X', message: 'X must be an array of rows' },
  ],
];

const badTargets: [string, unknown, Expected][] = [
  ['too few', [1], { code: 'ERR_SHAPE', option: 'y', message: 'y has 1 values, and X has 2 rows' }],
  [
    'too many',
    Float64Array.of(1, 2, 3),
    { code: 'ERR_SHAPE', option: 'y', message: 'y has 3 values, and X has 2 rows' },
  ],
  ['none', [], { code: 'ERR_SHAPE', option: 'y', message: 'y has 0 values' }],
  ['NaN', [1, NaN], { code: 'ERR_NOT_FINITE', option: 'y', row: 1, message: 'y[1] is NaN' }],
  [
    'Infinity',
    Float32Array.of(-Infinity, 1),
    { code: 'ERR_NOT_FINITE', option: 'y', row: 0, message: 'y[0] is -Infinity' },
  ],
  [
    'a hole',
    new Array(2),
    { code: argument, option: 'y', row: 0, message: 'y[0] must be a number; it is missing' },
  ],
  [
    'strings',
    ['1', '2'],
    { code: argument, option: 'y', row: 0, message: "y[0] must be a number; it is the string '1'" },
  ],
  [
    'rows of two lengths',
    [[1], [2, 3]],
    { code: 'ERR_SHAPE', option: 'y', row: 1, message: 'y[1] has 2 values' },
  ],
  ['a detached buffer', detached(), { code: argument, option: 'y', message: 'the buffer of y is detached' }],
  [
    'a shared buffer',
    shared.subarray(0, 2),
    { code: argument, option: 'y', message: 'y is in a SharedArrayBuffer' },
  ],
  ['undefined', undefined, { code: argument, option: 'y', message: 'y must be an array of numbers' }],
  ['an object', { data: [1, 2] }, { code: argument, option: 'y', message: 'y must be an array of numbers' }],
];

/** The device must be as good as before. */
async function expectUsable({ device, dtypes }: Target): Promise<void> {
  const options = { learningRate: 0.01, iterations: 1, device, dtype: dtypes[0] as 'float32' };
  const X = [
    [1, 2],
    [3, 4],
  ];
  expect((await batchGradientDescent(X, [1, 2], options)).loss[0]).toBe(2.5);
}

describeOnUsualDevices('bad data', (target) => {
  const good = [
    [1, 2],
    [3, 4],
  ];

  afterEach(async () => {
    await expectUsable(target);
  });

  it.each(badMatrices)('is refused in X: %s', async (_, X, expected) => {
    const { device } = target;
    const matrix = X as number[][];
    await expectRejection(device.matrix(matrix), expected);
    // A nonsensical X is seen before y, which cannot fit it.
    const y = Array.isArray(X) && X.length > 0 ? X.map(() => 1) : [1, 1];
    await expectRejection(
      batchGradientDescent(matrix, y, { learningRate: 1, iterations: 1, device }),
      expected,
    );
    await expectRejection(
      stochasticGradientDescent(matrix, y, { learningRate: 1, epochs: 1, device }),
      expected,
    );
    await expectRejection(
      miniBatchGradientDescent(matrix, y, { learningRate: 1, epochs: 1, device }),
      expected,
    );
    await expectRejection(lossGradient(matrix, y, { theta: [1, 1], device }), expected);
    await expectRejection(new Neuron({ inputs: 2 }).predict(matrix, { device }), expected);
  });

  it.each(badTargets)('is refused in y: %s', async (_, y, expected) => {
    const { device } = target;
    const targets = y as number[];
    await expectRejection(
      batchGradientDescent(good, targets, { learningRate: 1, iterations: 1, device }),
      expected,
    );
    await expectRejection(
      stochasticGradientDescent(good, targets, { learningRate: 1, epochs: 1, device }),
      expected,
    );
    await expectRejection(lossGradient(good, targets, { theta: [1, 1], device }), expected);
  });

  it('is found in any row, whatever block it is in', async () => {
    const [m, n] = [150_001, 3];
    for (const row of [0, 43_690, 43_691, 100_000, m - 1]) {
      const data = new Float32Array(m * n).fill(0.5);
      data[row * n + 1] = NaN;
      const place = {
        code: 'ERR_NOT_FINITE',
        option: 'X',
        row,
        column: 1,
        message: `row ${row}, column 1`,
      } as const;
      await expectRejection(target.device.matrix({ data, shape: [m, n] }), place);
    }
    const y = new Float32Array(m);
    y[m - 2] = Infinity;
    const X = { data: new Float32Array(m * n), shape: [m, n] as [number, number] };
    const options = { learningRate: 1, iterations: 1, device: target.device };
    await expectRejection(batchGradientDescent(X, y, options), {
      code: 'ERR_NOT_FINITE',
      option: 'y',
      row: m - 2,
      message: `y[${m - 2}] is Infinity`,
    });
  });

  it('is refused where float32 cannot hold a float64 value', async () => {
    const options = { learningRate: 1, iterations: 1, device: target.device, dtype: 'float32' } as const;
    await expectRejection(batchGradientDescent([[1], [1e39]], [1, 1], options), {
      code: 'ERR_NOT_FINITE',
      option: 'X',
      row: 1,
      column: 0,
      message: /finite in the dtype used/,
    });
    await expectRejection(batchGradientDescent([[1], [2]], [1, -1e300], options), {
      code: 'ERR_NOT_FINITE',
      option: 'y',
      row: 1,
      message: /y\[1\] is -Infinity/,
    });
  });

  it.each(['X', 'y'] as const)(
    'is refused when the buffer of %s is transferred during the upload',
    async (which) => {
      const m = 400_000;
      const data = new Float64Array(m);
      const X = { data: which === 'X' ? data : new Float64Array(m), shape: [m, 1] as [number, number] };
      const y = which === 'y' ? data : new Float64Array(m);
      const options = {
        learningRate: 1,
        iterations: 1,
        device: target.device,
        dtype: target.dtypes[0] as 'float32',
      };
      const descent = batchGradientDescent(X, y, options);
      // Its length is checked by now, and no block of it is copied.
      detach(data);
      await expectRejection(descent, {
        code: argument,
        option: which,
        message: `the buffer of ${which} is detached`,
      });
    },
  );

  describe('in chunks', () => {
    async function upload(chunks: unknown, shape: unknown = [2, 2]): Promise<unknown> {
      return await target.device.matrix({ shape, chunks, dtype: 'float32' } as MatrixChunks);
    }

    it.each<[string, unknown, Expected]>([
      [
        'too few rows',
        [Float32Array.of(1, 2)],
        { code: 'ERR_SHAPE', option: 'X', message: 'held 1 of the 2 rows' },
      ],
      ['no rows at all', [], { code: 'ERR_SHAPE', option: 'X', message: 'held 0 of the 2 rows' }],
      [
        'too many rows',
        [new Float32Array(4), new Float32Array(2)],
        { code: 'ERR_SHAPE', option: 'X', message: 'held more than the 2 rows' },
      ],
      [
        'one chunk too long',
        [new Float64Array(6)],
        { code: 'ERR_SHAPE', option: 'X', message: 'held more than the 2 rows' },
      ],
      [
        'half a row',
        [new Float32Array(3), new Float32Array(1)],
        { code: 'ERR_SHAPE', option: 'X', message: 'a chunk of 3 values is no whole number of rows of 2' },
      ],
      [
        'bigints',
        [new BigInt64Array(4)],
        { code: argument, option: 'X', message: 'every chunk must be a typed array of numbers' },
      ],
      [
        'arrays',
        [
          [1, 2],
          [3, 4],
        ],
        { code: argument, option: 'X', message: 'every chunk must be a typed array' },
      ],
      [
        'bytes without a type',
        [new DataView(new ArrayBuffer(16))],
        { code: argument, option: 'X', message: 'every chunk must be a typed array' },
      ],
      ['null', [null], { code: argument, option: 'X', message: 'every chunk must be a typed array' }],
      [
        'a NaN',
        [Float32Array.of(1, 2), Float64Array.of(3, NaN)],
        { code: 'ERR_NOT_FINITE', option: 'X', row: 1, column: 1, message: 'row 1, column 1 is NaN' },
      ],
      [
        'a float64 value that float32 cannot hold',
        [Float64Array.of(1, 2, 3, 1e200)],
        { code: 'ERR_NOT_FINITE', row: 1, column: 1, message: 'Infinity' },
      ],
      [
        'a shared buffer',
        [shared.slice(0, 2), new Float32Array(new SharedArrayBuffer(8))],
        { code: argument, message: 'SharedArrayBuffer' },
      ],
      ['a detached buffer', [detached()], { code: argument, option: 'X', message: 'is detached' }],
      [
        'nothing that can be iterated',
        { next: 1 },
        { code: argument, option: 'chunks', message: 'an iterable of typed arrays' },
      ],
      ['a string', 'abcd', { code: argument, option: 'chunks', message: 'an iterable of typed arrays' }],
      [
        'values in the place of chunks',
        detached(),
        { code: argument, option: 'chunks', message: 'an iterable of typed arrays' },
      ],
    ])('is refused: %s', async (_, chunks, expected) => {
      await expectRejection(upload(chunks), expected);
    });

    it.each<[string, unknown, RegExp]>([
      ['a negative count', [-1, 2], /two whole numbers/],
      ['no columns', [2, 0], /no columns/],
      ['more rows than indices', [2 ** 32, 1], /at most 4294967294/],
      ['nothing', undefined, /two whole numbers/],
    ])('is refused with a shape of %s', async (_, shape, message) => {
      // A missing shape would be filled in by the default of `upload`.
      const matrix = target.device.matrix({ shape, chunks: [], dtype: 'float32' } as MatrixChunks);
      await expectRejection(matrix, { code: 'ERR_SHAPE', option: 'X', message });
    });

    it('is refused with options that there are not', async () => {
      const chunks: NumericArray[] = [];
      const surplus = { shape: [1, 1], chunks, rows: 1 } as MatrixChunks;
      await expectRejection(target.device.matrix(surplus), {
        code: argument,
        option: 'rows',
        message: "no option 'rows'",
      });
      const dtype = 'float16' as 'float32';
      await expectRejection(target.device.matrix({ shape: [1, 1], chunks, dtype }), {
        code: argument,
        option: 'dtype',
        message: "'float32' or 'float64'",
      });
      await expectRejection(target.device.matrix([[1]], { dtype }), {
        code: argument,
        option: 'dtype',
        message: "'float32' or 'float64'",
      });
    });

    it('rejects with what the iterable throws midway, be it an error of Node with a code', async () => {
      const failures = [
        new Error('the disk is gone'),
        Object.assign(new Error('closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
      ];
      for (const failure of failures) {
        // eslint-disable-next-line @typescript-eslint/require-await -- the iterable is asynchronous, its body is not
        async function* broken(): AsyncGenerator<Float32Array> {
          yield new Float32Array(200_000);
          yield new Float32Array(200_000);
          throw failure;
        }
        await expect(upload(broken(), [1_000_000, 1])).rejects.toBe(failure);
      }
    });

    it('lets the iterable finish its work when it is given up', async () => {
      let finished = false;
      async function* endless(): AsyncGenerator<Float32Array> {
        try {
          for (;;) yield await Promise.resolve(new Float32Array(2));
        } finally {
          finished = true;
        }
      }
      await expectRejection(upload(endless()), { code: 'ERR_SHAPE', message: 'more than the 2 rows' });
      expect(finished).toBe(true);
    });
  });

  it('is refused in theta, at the length and the value', async () => {
    const { device } = target;
    const options = { learningRate: 0.1, iterations: 1, device, dtype: 'float32' } as const;
    const cases: [unknown, Expected][] = [
      [
        [1],
        {
          code: 'ERR_SHAPE',
          option: 'initialTheta',
          message: 'initialTheta has 1 values, and X has 2 columns',
        },
      ],
      [
        [1, NaN],
        { code: 'ERR_NOT_FINITE', option: 'initialTheta', row: 1, message: 'initialTheta[1] is NaN' },
      ],
      [['1', 2], { code: argument, option: 'initialTheta', message: 'initialTheta[0] must be a number' }],
      [7, { code: argument, option: 'initialTheta', message: 'initialTheta must be an array of numbers' }],
      [null, { code: argument, option: 'initialTheta', message: 'initialTheta must be an array of numbers' }],
    ];
    for (const [theta, expected] of cases) {
      const initialTheta = theta as VectorLike;
      await expectRejection(batchGradientDescent(good, [1, 2], { ...options, initialTheta }), expected);
    }
    const gradientOptions = { theta: [1, 2, 3], device, dtype: 'float32' } as const;
    await expectRejection(lossGradient(good, [1, 2], gradientOptions), {
      code: 'ERR_SHAPE',
      option: 'theta',
      message: 'theta has 3 values, and X has 2 columns',
    });
  });

  it('is refused in intercepts by the name that the call has for them', async () => {
    const { device } = target;
    const common = { device, dtype: 'float32', fitIntercept: true } as const;
    const message = 'has 2 values, and needs 1, one an output';
    await expectRejection(lossGradient(good, [1, 2], { ...common, theta: [1, 2], intercept: [1, 2] }), {
      code: 'ERR_SHAPE',
      option: 'intercept',
      message: `intercept ${message}`,
    });
    const steps = { ...common, learningRate: 0.1, iterations: 1, initialIntercept: [1, 2] };
    await expectRejection(batchGradientDescent(good, [1, 2], steps), {
      code: 'ERR_SHAPE',
      option: 'initialIntercept',
      message: `initialIntercept ${message}`,
    });
  });
});
