import { lazily } from '../../base/lazily';
import type { ClassFound, ClassesFound } from '../../metrics/class-tally';
import type { Evaluation } from '../../metrics/evaluation';
import type { ValuesFound } from '../../metrics/value-tally';
import { colors, number } from './format';
import { type Evaluated, meanR2, nameOf } from './report';
import type * as Table from './table';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const tables = lazily(() => require('./table') as typeof Table);

/** More classes than that have no confusion matrix in a table, which would be wider than a terminal. */
const MOST_COLUMNS = 6;

/** More than that are not all shown. */
const MOST_ROWS = 20;

/** More than that have no confusion matrix in JSON, which grows with their square. */
const MOST_WRITTEN = 100;

/** An undefined figure is none. */
const orNull = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value;

/** All figures of a score, as `--json` has them; null where there is no score. */
export function figuresJson(evaluated: Evaluated, score: Evaluation): object | null {
  const found = score.found();
  if (found === undefined) return null;
  return 'classes' in found ? classesJson(evaluated, score, found.classes) : valuesJson(score, found.values);
}

function valuesJson(score: Evaluation, { trivial, ...values }: ValuesFound): object {
  const r2 = meanR2(score.isConstant);
  return { rows: score.count, r2: score.score, ...values, trivial: { ...trivial, r2 } };
}

function classesJson(evaluated: Evaluated, score: Evaluation, found: ClassesFound): object {
  const { each, confusion, trivial } = found;
  const classes = each.length;
  const label = (k: number): unknown => evaluated.classes?.[k] ?? k;
  const ranks = ({ rocAuc, averagePrecision }: Pick<ClassFound, 'rocAuc' | 'averagePrecision'>): object => ({
    rocAuc: orNull(rocAuc),
    averagePrecision: orNull(averagePrecision),
  });
  const matrix = Array.from({ length: classes }, (_, i) => [
    ...confusion.subarray(i * classes, (i + 1) * classes),
  ]);
  const leftOut = [
    ...(found.rocAuc === undefined ? ['rocAuc', 'averagePrecision'] : []),
    ...(classes > MOST_WRITTEN ? ['confusion'] : []),
  ];
  return {
    rows: score.count,
    accuracy: score.score,
    logLoss: score.meanLoss,
    ...ranks(found),
    ...(classes === 2 ? { positive: label(1) } : {}),
    classes: each.map(({ support, precision, recall, f1, ...rest }, k) => ({
      ...{ label: label(k), support, precision, recall, f1 },
      ...(classes === 2 ? {} : ranks(rest)),
    })),
    ...(classes > MOST_WRITTEN ? {} : { confusion: matrix }),
    trivial: { label: label(trivial.class), accuracy: trivial.accuracy, logLoss: trivial.logLoss },
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
}

/** Four digits behind the point, of a figure that may be undefined. */
export const figure = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(4);

/**
 * The classes of rows and what they were taken for, with precision, recall and F1 of each; below them the figures of all. No
 * lines where they are no classes.
 *
 * @param rows what they are, over the names of the classes
 */
export function classLines(evaluated: Evaluated, score: Evaluation, rows: string): string[] {
  const found = score.found();
  if (found === undefined || !('classes' in found)) return [];
  const { each, rocAuc, averagePrecision, trivial } = found.classes;
  const left = each.length - MOST_ROWS;
  const over =
    each.length === 2 ? `of ${nameOf(evaluated, 1)}` : 'of each class against the others, on average';
  const ranks =
    rocAuc === undefined
      ? 'ROC AUC and average precision are left out: there are too many rows to keep their probabilities'
      : `ROC AUC ${figure(rocAuc)}, average precision ${figure(averagePrecision)} ${over}`;
  const logLoss = `log loss ${number(score.meanLoss ?? NaN)}; ${number(trivial.logLoss)} for the shares of the classes`;
  return [
    ...classTable(evaluated, found.classes, rows),
    ...(left > 0 ? [colors.dim(`  classes not shown here: ${number(left)}; --json has them`)] : []),
    `  ${ranks}`,
    `  ${logLoss}`,
  ];
}

function classTable(evaluated: Evaluated, { each, confusion }: ClassesFound, rows: string): string[] {
  const classes = each.length;
  const isMatrix = classes <= MOST_COLUMNS;
  const all = each.map((_, k) => k);
  const taken = isMatrix ? all.map((k) => `→ ${nameOf(evaluated, k)}`) : ['rows', 'mostly taken for'];
  const ranked = classes > 2 && each[0]?.rocAuc !== undefined;
  const titles = [rows, ...taken, 'precision', 'recall', 'F1', ...(ranked ? ['ROC AUC'] : [])];
  const contents = each
    .slice(0, MOST_ROWS)
    .map((one, k) => [
      nameOf(evaluated, k),
      ...(isMatrix
        ? all.map((j) => number(confusion[k * classes + j] ?? NaN))
        : [number(one.support), mistaken(evaluated, confusion, k, classes)]),
      ...[one.precision, one.recall, one.f1].map(figure),
      ...(ranked ? [figure(one.rocAuc)] : []),
    ]);
  const right = titles.map((_, at) => at).filter((at) => at > 0 && titles[at] !== 'mostly taken for');
  return tables().table(titles, contents, right);
}

/** The class that rows of another are taken for most often. */
function mistaken(evaluated: Evaluated, confusion: Float64Array, k: number, classes: number): string {
  let most = -1;
  for (let j = 0; j < classes; j += 1) {
    const isMore = (confusion[k * classes + j] ?? 0) > (most < 0 ? 0 : (confusion[k * classes + most] ?? 0));
    if (j !== k && isMore) most = j;
  }
  return most < 0 ? '' : `${nameOf(evaluated, most)} (${number(confusion[k * classes + most] ?? 0)})`;
}
