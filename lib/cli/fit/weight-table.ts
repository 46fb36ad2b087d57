import { columnNames, scaling } from '../../tables/encoder/encoding';
import { colors, number, table } from '../terminal/format';
import type { Fitted } from './train';

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
  const compared = found.features.flatMap((feature) =>
    feature.kind === 'category' ? [`  ${feature.name} is compared with ${feature.leftOut}`] : [],
  );
  return [...lines, ...compared.map((line) => colors.dim(line))];
}

function ofOutput({ found, learned }: Fitted): string[] {
  const { theta, intercepts } = learned.parameters;
  const { scales } = scaling(found.features);
  const rows = found.features.flatMap(columnNames).map((name, j) => {
    const weight = theta[j] ?? NaN;
    return [name, number(weight), number(weight * (scales[j] ?? 1))];
  });
  const all = [...rows, ['(intercept)', number(intercepts[0] ?? NaN), '']];
  return table(['column', 'weight', 'per std. dev.'], all, [1, 2]);
}

function ofClasses({ found, learned, classes = [] }: Fitted): string[] {
  const { theta, intercepts } = learned.parameters;
  const outputs = intercepts.length;
  const shown = classes.slice(0, SHOWN_CLASSES);
  const cells = (values: Float64Array, first: number): string[] =>
    shown.map((_, k) => number(values[first + k] ?? NaN));
  const rows = found.features.flatMap(columnNames).map((name, j) => [name, ...cells(theta, j * outputs)]);
  const all = [...rows, ['(intercept)', ...cells(intercepts, 0)]];
  const lines = table(
    ['column', ...shown.map(String)],
    all,
    shown.map((_, k) => k + 1),
  );
  const left = outputs - shown.length;
  return left === 0
    ? lines
    : [...lines, colors.dim(`  classes not shown here: ${number(left)}; --json and --output have them`)];
}
