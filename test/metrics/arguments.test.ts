import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import {
  accuracyScore,
  averagePrecision,
  calibrationCurve,
  confusionMatrix,
  logLoss,
  meanPoissonDeviance,
  meanSquaredError,
  precisionRecallF1,
  r2Score,
  rocAuc,
  rocCurve,
} from '../../lib/metrics';
import { type Expected, expectThrow } from '../support/expectations';

const wrong: [string, () => unknown, Expected][] = [
  [
    'lengths',
    () => r2Score([1, 2], [1]),
    { code: 'ERR_SHAPE', message: 'yPred has 1 values, and yTrue has 2' },
  ],
  [
    'lengths of labels',
    () => accuracyScore(['a'], ['a', 'b']),
    { code: 'ERR_SHAPE', message: 'yPred has 2' },
  ],
  ['lengths of scores', () => rocAuc([0, 1], [0.1]), { code: 'ERR_SHAPE', message: 'yScore has 1' }],
  ['widths', () => meanSquaredError([[1, 2]], [[1]]), { code: 'ERR_SHAPE', message: 'yPred has 1 columns' }],
  [
    'ragged rows',
    () => r2Score([[1], [1, 2]], [[1], [2]]),
    { code: 'ERR_SHAPE', message: 'yTrue[1]', row: 1 },
  ],
  ['nothing', () => r2Score([], []), { code: 'ERR_SHAPE', message: 'yTrue is empty' }],
  ['no labels', () => confusionMatrix([], []), { code: 'ERR_SHAPE', message: 'yTrue is empty' }],
  ['NaN', () => r2Score([1, 2], [1, NaN]), { code: 'ERR_NOT_FINITE', message: 'yPred[1] is NaN', row: 1 }],
  [
    'an infinite score',
    () => rocCurve([0, 1], [0, Infinity]),
    { code: 'ERR_NOT_FINITE', message: 'yScore[1]', row: 1 },
  ],
  [
    'NaN in a row',
    () =>
      rocAuc(
        [0, 1, 2],
        [
          [1, 0, 0],
          [0, NaN, 0],
          [0, 0, 1],
        ],
      ),
    { code: 'ERR_NOT_FINITE', message: 'yScore[1][1] is NaN', row: 1, column: 1 },
  ],
  [
    'outputs for labels',
    () => accuracyScore([0, 1], [0.1, 0.9]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yPred[0] is 0.1: labels are texts', row: 0 },
  ],
  [
    'two types of labels',
    () => accuracyScore(['0', '1'], [0, 1]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yPred has numbers, and yTrue texts' },
  ],
  [
    'labels of mixed types',
    () => accuracyScore(['a', true], ['a', 'b']),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yTrue has texts and, in row 1, a boolean', row: 1 },
  ],
  [
    'a weight below 0',
    () => r2Score([1, 2], [1, 2], { sampleWeight: [1, -1] }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'sampleWeight[1] is below 0', row: 1, option: 'sampleWeight' },
  ],
  [
    'weights that are all 0',
    () => rocAuc([0, 1], [0, 1], { sampleWeight: [0, 0] }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'every sampleWeight is 0', option: 'sampleWeight' },
  ],
  [
    'an unknown option',
    () => logLoss([0, 1], [0, 1], { eps: 1e-15 } as object),
    {
      code: 'ERR_INVALID_ARGUMENT',
      message: "logLoss has no option 'eps'; its options are sampleWeight, labels",
    },
  ],
  [
    'an unknown average',
    () => precisionRecallF1([0, 1], [0, 1], { average: 'binary' as 'macro' }),
    { code: 'ERR_INVALID_ARGUMENT', message: "average must be 'macro', 'weighted' or 'micro'" },
  ],
  [
    'what is no probability',
    () => logLoss([0, 1], [0.2, 1.2]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yProba is 1.2 in row 1', row: 1 },
  ],
  [
    'probabilities that are not 1 together',
    () =>
      logLoss(
        [0, 1],
        [
          [0.5, 0.5],
          [0.5, 0.2],
        ],
      ),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yProba[1] add up to 0.7', row: 1 },
  ],
  [
    'one label alone for a log loss',
    () => logLoss([1, 1], [0.2, 0.3]),
    { code: 'ERR_SHAPE', message: 'of 2 classes, and there are 1 labels (1): name all in labels' },
  ],
  [
    'a label that is not named',
    () => logLoss(['a', 'c'], [0.2, 0.3], { labels: ['a', 'b'] }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yTrue[1] is "c", and the labels are "a" and "b"', row: 1 },
  ],
  [
    'labels named twice',
    () => confusionMatrix(['a'], ['a'], { labels: ['a', 'a'] }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'labels names one twice' },
  ],
  [
    'one of three labels, unnamed',
    () => rocCurve(['a', 'b', 'c'], [0, 1, 2]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yTrue has 3 labels ("a", "b" and "c")', option: 'positive' },
  ],
  [
    'one text alone',
    () => averagePrecision(['a', 'a'], [0, 1]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yTrue has one label ("a"): say which is the positive one' },
  ],
  [
    'a positive label that is not there',
    () => rocAuc(['a', 'b'], [0, 1], { positive: 'c' }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'positive is "c", and the labels are "a" and "b"' },
  ],
  [
    'other columns than labels',
    () =>
      rocAuc(
        [0, 1, 2],
        [
          [1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
        ],
      ),
    { code: 'ERR_SHAPE', message: 'yScore has 4 columns, and there are 3 labels' },
  ],
  [
    'a positive label that is none',
    () => rocCurve([0, 1], [0, 1], { positive: 1n as never }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'positive is 1n, and the labels are 0 and 1' },
  ],
  [
    'a hole',
    () => r2Score(Object.assign(new Array<number>(3), { 0: 1, 2: 2 }), [1, 2, 3]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yTrue[1] is undefined, where a number has to be', row: 1 },
  ],
  [
    'a figure over nothing that is no number',
    () => precisionRecallF1([0, 1], [0, 1], { zeroDivision: 'warn' as never }),
    { code: 'ERR_INVALID_ARGUMENT', message: "zeroDivision must be a number; it is 'warn'" },
  ],
  ...(
    [
      ['normalize', (options) => accuracyScore([0, 1], [0, 1], options)],
      ['normalize', (options) => logLoss([0, 1], [0, 1], options)],
      ['dropIntermediate', (options) => rocCurve([0, 1], [0, 1], options)],
      ['bins', (options) => calibrationCurve([0, 1], [0, 1], options)],
      ['strategy', (options) => calibrationCurve([0, 1], [0, 1], options)],
    ] as const satisfies [string, (options: object) => unknown][]
  ).map(([option, call]): [string, () => unknown, Expected] => [
    `${option} of null`,
    () => call({ [option]: null }),
    { code: 'ERR_INVALID_ARGUMENT', option, message: `${option} must be` },
  ]),
  [
    'options that have no names',
    () => r2Score([1, 2], [1, 2], new Map() as never),
    { code: 'ERR_INVALID_ARGUMENT', message: 'options must be an object; it is a Map' },
  ],
  [
    'a negative count',
    () => meanPoissonDeviance([-1], [1]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yTrue[0] is -1' },
  ],
  [
    'a prediction of 0',
    () => meanPoissonDeviance([1], [0]),
    { code: 'ERR_INVALID_ARGUMENT', message: 'yPred[0] is 0' },
  ],
  [
    'weights in bins of as many rows',
    () => calibrationCurve([0, 1], [0, 1], { strategy: 'quantile', sampleWeight: [1, 1] }),
    { code: 'ERR_INVALID_ARGUMENT', message: "sampleWeight has no meaning with strategy 'quantile'" },
  ],
  [
    'no bins',
    () => calibrationCurve([0, 1], [0, 1], { bins: 0 }),
    { code: 'ERR_INVALID_ARGUMENT', message: 'bins must be' },
  ],
];

test.each(wrong)('%s are refused', (_what, call, expected) => {
  expectThrow(call, expected);
});

describe('where there is no figure', () => {
  test('an area of one class alone is NaN', () => {
    expect(rocAuc([0, 0], [0.1, 0.2])).toBeNaN();
    expect(rocAuc([true, true], [0.1, 0.2])).toBeNaN();
    expect(rocAuc([0, 1], [0.1, 0.2], { sampleWeight: [1, 0] })).toBeNaN();
  });

  test('a curve has the rates of the class that is there, and NaN for the other', () => {
    const { fpr, tpr } = rocCurve([0, 0, 0], [0.1, 0.2, 0.3], { dropIntermediate: false });
    expect([...fpr]).toEqual([0, 1 / 3, 2 / 3, 1]);
    expect([...tpr]).toEqual([NaN, NaN, NaN, NaN]);
  });

  test('R² of one row is NaN, and of targets that never change 0, or 1 where all are right', () => {
    expect(r2Score([1], [1])).toBeNaN();
    expect(r2Score([0.1, 0.1, 0.1], [0.1, 0.1, 0.2])).toBe(0);
    expect(r2Score([0.1, 0.1, 0.1], [0.1, 0.1, 0.1])).toBe(1);
  });

  test('a precision over nothing is 0, or what stands for it', () => {
    const [yTrue, yPred] = [
      ['a', 'b'],
      ['a', 'a'],
    ];
    expect([...precisionRecallF1(yTrue, yPred).precision]).toEqual([0.5, 0]);
    expect([...precisionRecallF1(yTrue, yPred, { zeroDivision: NaN }).precision]).toEqual([0.5, NaN]);
    expect(precisionRecallF1(yTrue, yPred, { zeroDivision: NaN, average: 'macro' }).precision).toBe(0.5);
  });
});

test('typed arrays, rows and { data, shape } are the same', () => {
  const scores = [
    [0.5, 0.3, 0.2],
    [0.2, 0.6, 0.2],
    [0.1, 0.5, 0.4],
    [0.4, 0.35, 0.25],
  ];
  const labels = [0, 1, 2, 1];
  const found = rocAuc(labels, scores);
  const data = Float64Array.from(scores.flat());
  expect(found).toBeGreaterThan(0.5);
  expect(rocAuc(Int32Array.from(labels), { data, shape: [4, 3] })).toBe(found);
  expect(
    rocAuc(
      Uint8Array.from(labels),
      scores.map((row) => Float64Array.from(row)),
    ),
  ).toBe(found);
});

test('two columns are those of two labels', () => {
  const scores = [0.9, 0.2, 0.6, 0.4];
  const both = scores.map((score) => [1 - score, score]);
  const labels = ['b', 'a', 'a', 'b'];
  expect(rocAuc(labels, both)).toBe(rocAuc(labels, scores));
  expect(logLoss(labels, both)).toBeCloseTo(logLoss(labels, scores), 14);
});

test('no module of Node is among what they load', () => {
  const named = new Set<string>();
  const queue = [path.join(__dirname, '../../lib/metrics/index.ts')];
  const reached = new Set<string>();
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
      if (fileName.startsWith('.')) queue.push(path.resolve(path.dirname(file), `${fileName}.ts`));
      else named.add(fileName);
    }
  }
  expect(reached.size).toBeGreaterThan(8);
  expect([...named]).toEqual([]);
});
