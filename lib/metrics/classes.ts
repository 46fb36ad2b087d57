import { oneOf } from '../base/arguments';
import type { HostMatrix, Label, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { listed } from '../base/listed';
import { type Columns, checkLength, checkOptions, columnsOf, weightsOf } from './arguments';
import { coded, isLabel, positives, refuseUndeclared } from './labels';
import type { ClassAverage, Labels, MetricOptions } from './options';
import { Mean } from './sums';

export const classAverages: readonly ClassAverage[] = ['macro', 'weighted', 'micro'];

type OfOne = (positive: ArrayLike<number>, scores: ArrayLike<number>, weights: ArrayLike<number>) => number;

interface Asked {
  readonly yTrue: Labels;
  readonly yScore: VectorLike | HostMatrix;
  readonly options: MetricOptions & {
    readonly positive?: Label;
    readonly labels?: readonly Label[];
    readonly average?: ClassAverage | null;
  };
}

/** A figure of scores: of two classes that of the positive one, of more each against all others. */
export function overClasses(
  metric: string,
  { yTrue, yScore, options }: Asked,
  ofOne: OfOne,
): number | Float64Array {
  checkOptions(metric, options, ['positive', 'labels', 'average']);
  const { average = 'macro', labels: asked } = options;
  if (average !== null) oneOf('average', average, classAverages);
  const scores = columnsOf('yScore', yScore);
  if (scores.columns <= 2) {
    const positive = positives(yTrue, options);
    checkLength('yScore', scores.rows, positive.length, 'yTrue');
    return ofOne(positive, column(scores, scores.columns - 1), weightsOf(options, positive.length));
  }
  const { labels, codes } = coded({ yTrue }, { labels: asked });
  const [code = new Int32Array(0)] = codes;
  refuseUndeclared(yTrue, code, labels);
  checkLength('yScore', scores.rows, code.length, 'yTrue');
  refuseOther(labels, scores.columns);
  if (options.positive !== undefined) {
    const message = 'positive is for scores of one class; those of several are each told from all others';
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'positive' });
  }
  return averaged({ code, scores, weights: weightsOf(options, code.length) }, average, ofOne);
}

function refuseOther(labels: readonly Label[], columns: number): void {
  if (labels.length === columns) return;
  const message = `yScore has ${columns} columns, and there are ${labels.length} labels (${listed(labels)}): name all in labels`;
  throw new ThalwegError('ERR_SHAPE', message, { option: 'yScore' });
}

interface Scored {
  readonly code: Int32Array;
  readonly scores: Columns;
  readonly weights: Float64Array;
}

/** @internal As scikit-learn averages: a class that is not there counts nothing with 'weighted', and makes 'macro' NaN where it is. */
function averaged(
  { code, scores, weights }: Scored,
  average: ClassAverage | null,
  ofOne: OfOne,
): number | Float64Array {
  const { columns } = scores;
  if (average === 'micro') return asOne({ code, scores, weights }, ofOne);
  const mean = new Mean();
  const each = new Float64Array(columns);
  for (let k = 0; k < columns; k += 1) {
    const positive = isLabel(code, k);
    each[k] = ofOne(positive, column(scores, k), weights);
    const counted = (sum: number, one: number, row: number): number => sum + one * (weights[row] as number);
    mean.add(each[k] as number, average === 'weighted' ? positive.reduce(counted, 0) : 1);
  }
  return average === null ? each : mean.mean;
}

/** Of all rows and columns as those of one class. */
function asOne({ code, scores, weights }: Scored, ofOne: OfOne): number {
  const { rows, columns, data } = scores;
  const positive = new Uint8Array(rows * columns);
  const counted = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    positive[row * columns + (code[row] as number)] = 1;
    counted.fill(weights[row] as number, row * columns, (row + 1) * columns);
  }
  return ofOne(positive, data, counted);
}

function column({ rows, columns, data }: Columns, k: number): ArrayLike<number> {
  if (columns === 1) return data;
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) values[row] = data[row * columns + k] as number;
  return values;
}
