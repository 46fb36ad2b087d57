import { packageVersion } from '../../base/package-version';
import type { ClassesFound } from '../../metrics/class-tally';
import type { Evaluation } from '../../metrics/evaluation';
import type { ValuesFound } from '../../metrics/value-tally';
import type { FeatureSummary, Outcome, ReportData, Weights } from '../../reports';
import { Observations } from '../../reports/observations';
import { type Feature, columnNames, scaling } from '../../tables/encoder/encoding';
import { duration, number } from '../terminal/format';
import { figure } from '../terminal/figures';
import { meanR2, nameOf, percent, tellsClasses } from '../terminal/report';
import { type FitOptions, unitOf } from './fit-options';
import { finalLoss } from './fitted';
import type { Fitted } from './train';
import { shownWeights } from './weight-table';

/** All that a report tells of a fit. */
export function reportData(fitted: Fitted, options: FitOptions, notes: readonly string[]): ReportData {
  const { activation, chosen, classes, found, score, source } = fitted;
  return {
    source: source.name,
    target: chosen.target.encoding.name,
    ...{ activation, classes: tellsClasses(activation) ? classes?.map(String) : undefined },
    command: commandLine(process.argv.slice(2)),
    thalweg: packageVersion(),
    created: new Date().toISOString(),
    rows: rowsOf(fitted),
    notes,
    features: found.features.map((feature) => summaryOf(feature, fitted)),
    weights: weightsOf(fitted),
    training: {
      facts: factsOf(fitted, options),
      notConverged: fitted.notConverged,
      unit: unitOf(options),
      loss: fitted.descent.loss,
      validationLoss: fitted.descent.validationLoss,
    },
    train: outcomeOf(score.train, fitted),
    holdout: score.holdout && outcomeOf(score.holdout, fitted),
  };
}

function rowsOf({ chosen, descent, dropped, found, heldOut, score }: Fitted): ReportData['rows'] {
  const validated = descent.best === undefined ? 0 : found.rows - score.train.count;
  const trained = found.rows - validated;
  return { file: chosen.fileRows, trained, validated, heldOut, dropped };
}

/** As a shell takes it. */
function commandLine(args: readonly string[]): string {
  const quoted = (text: string): string =>
    /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  return ['npx', 'thalweg', ...args.map(quoted)].join(' ');
}

function summaryOf(feature: Feature, { chosen }: Fitted): FeatureSummary {
  const { name, kind } = feature;
  const missing = chosen.lacking.find((lacking) => lacking.name === name)?.missing ?? 0;
  if (feature.kind !== 'category') {
    const { mean, scale } = feature;
    return { name, kind, summary: `mean ${number(mean)}, deviation ${number(scale)}`, missing };
  }
  const { leftOut, levels } = feature;
  return { name, kind, summary: `${levels.length + 1} levels, compared with ${leftOut}`, missing };
}

function weightsOf(fitted: Fitted): Weights {
  const { found, learned, classes, activation } = fitted;
  const { scales } = scaling(found.features);
  const each = Array.from(learned.parameters.intercepts, (_, k) => shownWeights(fitted, k));
  return {
    outputs: activation === 'softmax' ? (classes ?? []).map(String) : [undefined],
    intercepts: each.map(({ intercept }) => intercept),
    columns: found.features.flatMap(columnNames).map((name, j) => {
      const weights = each.map((shown) => shown.weights[j] ?? NaN);
      return { name, weights, perDeviation: weights.map((weight) => weight * (scales[j] ?? 1)) };
    }),
  };
}

function factsOf(fitted: Fitted, options: FitOptions): [string, string][] {
  const { device, dtype, descent } = fitted;
  return [
    ['device', `${device.id}, ${device.name}`],
    ['arithmetic', dtype],
    ['strategy', `${options.strategy}, ${descent.plan} plan`],
    ['steps', number(descent.iterations)],
    ['ended', descent.converged ? 'at the optimum' : descent.stopped],
    ['loss', number(finalLoss(fitted) ?? NaN)],
    ['penalties', `l1 ${number(options.l1)}, l2 ${number(options.l2)}`],
    ['features', options.standardize ? 'scaled while training' : 'as they are'],
    ['time', duration(descent.seconds)],
  ];
}

const NOTHING = { y: new Float64Array(0), outputs: new Float64Array(0), weights: undefined };

function outcomeOf(score: Evaluation, fitted: Fitted): Outcome {
  // Of a fit with a report rows were kept.
  const { y, outputs, weights } = score instanceof Observations ? score.observed : NOTHING;
  const rows: Figure = ['rows', number(score.count)];
  const found = score.found();
  const kept = { y, outputs, weights };
  if (found === undefined || score.score === null)
    return { figures: [['score', 'none'], rows], confusion: undefined, ...kept };
  const [figures, confusion] =
    'values' in found
      ? [valueFigures(score.score, score, found.values), undefined]
      : [classFigures(score.score, score, found.classes, fitted), found.classes.confusion];
  return { figures: [...figures, rows], confusion, ...kept };
}

type Figure = [name: string, value: string];

function valueFigures(r2: number, { isConstant }: Evaluation, found: ValuesFound): Figure[] {
  const { meanSquaredError, meanAbsoluteError, trivial } = found;
  return [
    ['R²', r2.toFixed(4)],
    ['R² of the mean alone', String(meanR2(isConstant))],
    ['root mean square error', number(Math.sqrt(meanSquaredError))],
    ['that of the mean alone', number(Math.sqrt(trivial.meanSquaredError))],
    ['mean absolute error', number(meanAbsoluteError)],
  ];
}

function classFigures(
  accuracy: number,
  { meanLoss }: Evaluation,
  { rocAuc, averagePrecision, trivial }: ClassesFound,
  fitted: Fitted,
): Figure[] {
  return [
    ['accuracy', percent(accuracy)],
    [`always ${nameOf(fitted, trivial.class)}`, percent(trivial.accuracy)],
    ['ROC AUC', figure(rocAuc)],
    ['average precision', figure(averagePrecision)],
    ['log loss', number(meanLoss ?? NaN)],
    ['log loss of the shares alone', number(trivial.logLoss)],
  ];
}
