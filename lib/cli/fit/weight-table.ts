import { lazily } from '../../base/lazily';
import { columnNames, scaling } from '../../tables/encoder/encoding';
import { colors, number } from '../terminal/format';
import type * as Table from '../terminal/table';
import type { Fitted } from './train';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const tables = lazily(() => require('../terminal/table') as typeof Table);

/** Each of more classes would make the table wider than a terminal. */
const SHOWN_CLASSES = 6;

/** Values by name: of one output a number each, of classes one a class. */
function byOutput(fitted: Fitted, values: ArrayLike<number>, first: number): unknown {
  const { activation, classes = [] } = fitted;
  if (activation !== 'softmax') return values[first];
  return Object.fromEntries(classes.map((label, k) => [String(label), values[first + k]]));
}

/** The weights for raw values by the names of their columns, and of classes by these. */
export function weightsJson(fitted: Fitted): object {
  const { theta, intercepts } = fitted.learned.parameters;
  const names = fitted.found.features.flatMap(columnNames);
  return Object.fromEntries(names.map((name, j) => [name, byOutput(fitted, theta, j * intercepts.length)]));
}

/** The intercept, or that of each class. */
export function interceptsJson(fitted: Fitted): unknown {
  return byOutput(fitted, fitted.learned.parameters.intercepts, 0);
}

/** Weights for raw values, and of one output what one standard deviation of a column does, by which columns compare. */
export function weightTable(fitted: Fitted): string[] {
  const { found, activation } = fitted;
  const lines = activation === 'softmax' ? ofClasses(fitted) : ofOutput(fitted);
  const hidden = found.features.flatMap(columnNames).length - shownColumns(fitted).length;
  const more =
    hidden === 0
      ? []
      : [
          colors.dim(
            `  columns of less effect not shown here: ${number(hidden)}; --json and --output have them`,
          ),
        ];
  const compared = found.features.flatMap((feature) =>
    feature.kind === 'category' ? [`  ${feature.name} is compared with ${feature.leftOut}`] : [],
  );
  return [...lines, ...more, ...compared.map((line) => colors.dim(line))];
}

/** More columns than these would be a table for nobody: then so many of the largest effect are shown. */
const MOST_SHOWN = 1000;
const SHOWN_OF_MANY = 50;

/** The columns of X that the table shows, in their order. */
function shownColumns({ found, learned }: Fitted): number[] {
  const { theta, intercepts } = learned.parameters;
  const { scales } = scaling(found.features);
  const all = Array.from(scales.keys());
  if (all.length <= MOST_SHOWN) return all;
  const outputs = intercepts.length;
  const effects = Array.from(scales, (scale, j) =>
    theta
      .subarray(j * outputs, (j + 1) * outputs)
      .reduce((most, weight) => Math.max(most, Math.abs(weight * scale)), 0),
  );
  const largest = all.sort((a, b) => (effects[b] as number) - (effects[a] as number) || a - b);
  return largest.slice(0, SHOWN_OF_MANY).sort((a, b) => a - b);
}

/** Below this share of the largest a weight is what rounding has left of 0. */
const NOISE = { float64: 1e-12, float32: 1e-6 } as const;

/** The weights of an output and its intercept as they are shown: 0 where what they do is rounding beside the others. */
export function shownWeights(
  { found, learned, dtype }: Fitted,
  k: number,
): { weights: number[]; intercept: number } {
  const { theta, intercepts } = learned.parameters;
  const { means, scales } = scaling(found.features);
  const raw = Array.from(scales, (_, j) => theta[j * intercepts.length + k] ?? NaN);
  // Beside a target that never changes no weight is more than what rounding has left.
  const least = found.target.isConstant ? Math.abs(intercepts[k] ?? 0) : 0;
  const largest = raw.reduce((most, weight, j) => Math.max(most, Math.abs(weight * (scales[j] ?? 1))), least);
  const moved = raw.reduce((sum, weight, j) => sum + Math.abs(weight * (means[j] ?? 0)), largest);
  const intercept = intercepts[k] ?? NaN;
  return {
    weights: raw.map((weight, j) =>
      Math.abs(weight * (scales[j] ?? 1)) < NOISE[dtype] * largest ? 0 : weight,
    ),
    intercept: Math.abs(intercept) < NOISE[dtype] * moved ? 0 : intercept,
  };
}

function ofOutput(fitted: Fitted): string[] {
  const { features } = fitted.found;
  const { scales } = scaling(features);
  const { weights, intercept } = shownWeights(fitted, 0);
  const names = features.flatMap(columnNames);
  const rows = shownColumns(fitted).map((j) => {
    const weight = weights[j] ?? NaN;
    return [names[j] ?? '', number(weight), number(weight * (scales[j] ?? 1))];
  });
  const all = [...rows, ['(intercept)', number(intercept), '']];
  return tables().table(['column', 'weight', 'per std. dev.'], all, [1, 2]);
}

function ofClasses(fitted: Fitted): string[] {
  const { found, learned, classes = [] } = fitted;
  const outputs = learned.parameters.intercepts.length;
  const shown = classes.slice(0, SHOWN_CLASSES);
  const each = shown.map((_, k) => shownWeights(fitted, k));
  const names = found.features.flatMap(columnNames);
  const rows = shownColumns(fitted).map((j) => [
    names[j] ?? '',
    ...each.map(({ weights }) => number(weights[j] ?? NaN)),
  ]);
  const all = [...rows, ['(intercept)', ...each.map(({ intercept }) => number(intercept))]];
  const lines = tables().table(
    ['column', ...shown.map(String)],
    all,
    shown.map((_, k) => k + 1),
  );
  const left = outputs - shown.length;
  return left === 0
    ? lines
    : [...lines, colors.dim(`  classes not shown here: ${number(left)}; --json and --output have them`)];
}
