import { listed } from '../../base/listed';
import { columnNames, scaling } from '../../tables/encoder/encoding';
import type { FittedModel } from '../../model-files/model-schema';
import { type Context, note, print, printJson } from '../terminal/context';
import { type FitOptions, goesToOptimum, passesOf } from './fit-options';
import { finalLoss } from './fitted';
import type { Fitted } from './train';
import { colors, counted, duration, number } from '../terminal/format';
import { isStandardOutput } from '../terminal/output';
import { slowness } from '../../rows/conditioning';
import { classLines, figuresJson } from '../terminal/figures';
import { lossText, scoreText, weighted } from '../terminal/report';
import { interceptsJson, weightTable, weightsJson } from './weight-table';

/** Prints what was learned: the one JSON object, or the tables that a person reads. */
export function printFit(fitted: Fitted, model: FittedModel, options: FitOptions, context: Context): void {
  if (context.json) {
    printJson(fitJson(fitted, model, options));
    return;
  }
  printNotes(fitted, options, context);
  const { output } = options;
  const toStandardOutput = output !== undefined && isStandardOutput(output);
  const report = [
    heading(fitted),
    '',
    ...summary(fitted, options),
    '',
    ...classFigures(fitted),
    ...weightTable(fitted),
    '',
    ...ends(options),
  ];
  // Where the model is the result, the rest is told aside.
  if (toStandardOutput) note(context, report);
  else print(report);
}

function ends({ output, report }: FitOptions): string[] {
  const written = report === undefined ? [] : [`Report written to ${report}`];
  if (output === undefined) return [...written, colors.dim('To keep it: --output model.json')];
  return [...written, `Model written to ${isStandardOutput(output) ? 'standard output' : output}`];
}

function fitJson(
  fitted: Fitted,
  { target, training }: FittedModel,
  { strategy, output, report }: FitOptions,
): object {
  const { activation, device, descent, chosen, found, dropped, heldOut, score, notConverged } = fitted;
  return {
    device: device.id,
    plan: descent.plan,
    strategy,
    activation,
    target,
    rows: found.rows,
    dropped,
    ...(chosen.weight === undefined
      ? {}
      : { weight: { column: chosen.weight.column.name, zeros: chosen.weight.zeros } }),
    ...(training.warmStart === undefined ? {} : { warmStart: training.warmStart }),
    ...(training.classWeight === undefined ? {} : { classWeight: training.classWeight }),
    ...(score.holdout === undefined ? {} : { heldOut, overflowed: score.holdout.overflowed }),
    features: found.features.map(({ name }) => name),
    weights: weightsJson(fitted),
    intercept: interceptsJson(fitted),
    loss: finalLoss(fitted),
    iterations: descent.iterations,
    stopped: descent.stopped,
    ...(descent.best === undefined
      ? {}
      : {
          validated: found.rows - score.train.count,
          validationLoss: descent.validationLoss?.at(-1),
          best: descent.best,
        }),
    converged: descent.converged,
    ...(notConverged === undefined ? {} : { notConverged }),
    score: {
      train: score.train.score,
      ...(score.holdout === undefined ? {} : { holdout: score.holdout.score }),
    },
    metrics: {
      train: figuresJson(fitted, score.train),
      ...(score.holdout === undefined ? {} : { holdout: figuresJson(fitted, score.holdout) }),
    },
    seconds: descent.seconds,
    ...(output === undefined ? {} : { model: output }),
    ...(report === undefined ? {} : { report }),
  };
}

/** Why an 'auto' rate learns little of features as they are. */
function slownessNote({ found, descent }: Fitted, options: FitOptions): string | undefined {
  if (options.standardize || goesToOptimum(options) || typeof options.learningRate === 'number')
    return undefined;
  const { means, scales } = scaling(found.features);
  const names = found.features.flatMap(columnNames);
  // A column that never changes has the scale 1.
  const deviationOf = (scale = 1): number => (scale === 1 ? 0 : scale);
  const columns = Array.from(means, (mean, j) => ({
    mean,
    deviation: deviationOf(scales[j]),
    present: found.rows,
  }));
  const stepsAPass = descent.iterations / descent.loss.length;
  const most = Math.ceil(passesOf(options) * stepsAPass);
  return slowness(columns, true, most, (j) => `the column "${names[j] ?? ''}"`);
}

function printNotes(fitted: Fitted, options: FitOptions, context: Context): void {
  const { chosen, dropped, found } = fitted;
  const { weight } = chosen;
  if (weight !== undefined && weight.zeros > 0)
    note(context, `${counted(weight.zeros, 'row')} left out, whose ${weight.column.name} is 0`);
  noteEmptyClasses(fitted, context);
  noteSeparable(fitted, options, context);
  const slow = slownessNote(fitted, options);
  if (slow !== undefined) note(context, `${slow}. Leave --no-standardize out.`);
  if (chosen.lacking.length > 0) {
    const where = chosen.lacking.map(({ name, missing }) => `${name} ${number(missing)}`).join(', ');
    const done =
      chosen.missing === 'mean'
        ? 'the mean stands in for missing features'
        : `${counted(dropped, 'row')} dropped for missing values`;
    note(context, `${done}: ${where}`);
  } else if (dropped > 0) {
    note(context, `${counted(dropped, 'held-out row')} not scored: a level there that training did not see`);
  }
  const { column, encoding } = chosen.target;
  if (encoding.levels === undefined && found.target.isZeroOrOne) {
    if (fitted.activation === 'linear')
      note(context, `${column.name} holds only 0 and 1: --activation sigmoid learns their probability`);
    else if (options.activation === undefined)
      note(
        context,
        `${column.name} holds only 0 and 1, which are two classes: --activation linear learns numbers`,
      );
  }
}

/** As of a loss that is nothing but how far training went. */
const VANISHED = 1e-4;

/** Classes that a line tells apart: the loss has no least value. */
function noteSeparable(fitted: Fitted, options: FitOptions, context: Context): void {
  const { classes, score } = fitted;
  if (classes === undefined || !goesToOptimum(options) || options.l1 > 0 || options.l2 > 0) return;
  if (score.train.score !== 1 || (finalLoss(fitted) ?? 0) > VANISHED) return;
  note(
    context,
    'the classes can be told apart without an error, so that larger weights are always better: give --l2',
  );
}

/** Classes that no row shows can only become ever less likely. */
function noteEmptyClasses({ classes, found }: Fitted, context: Context): void {
  const empty = (classes ?? []).filter((_, k) => found.target.counts[k] === 0);
  if (empty.length === 0) return;
  const rows = empty.length === 1 ? 'a level' : 'levels';
  note(
    context,
    `${listed(empty)}: ${rows} of the target in no row that is trained on, so that nothing is learned of it`,
  );
}

function heading({ source, chosen, found }: Fitted): string {
  const { encoding } = chosen.target;
  const target = colors.bold(encoding.name);
  return `${colors.bold(source.name)}: ${counted(found.features.length, 'feature')} → ${target}${levelsText(encoding.levels)}`;
}

const SHOWN_LEVELS = 6;

/** `  (no = 0, yes = 1)`, or `  (3 classes: a, b, c)`. */
function levelsText(levels: readonly (string | number)[] | undefined): string {
  if (levels === undefined) return '';
  if (levels.length === 2) return `  (${levels[0]} = 0, ${levels[1]} = 1)`;
  const more = levels.length > SHOWN_LEVELS ? ', …' : '';
  return `  (${levels.length} classes: ${levels.slice(0, SHOWN_LEVELS).join(', ')}${more})`;
}

/** That the weights are not those of the optimum, where they should be. */
function notice({ notConverged }: Fitted): [string, string][] {
  if (notConverged === undefined) return [];
  return [['', colors.bold(colors.yellow(`NOT CONVERGED: ${notConverged}`))]];
}

function summary(fitted: Fitted, options: FitOptions): string[] {
  const { device, dtype, descent, activation, classWeight, heldOut, score } = fitted;
  const scoreBy = weighted(options.weight);
  const lossBy = weighted(options.weight, classWeight && 'class');
  const passes =
    options.strategy === 'batch'
      ? counted(descent.iterations, 'iteration')
      : `${counted(descent.loss.length, 'epoch')}, ${counted(descent.iterations, 'step')}`;
  const where = goesToOptimum(options) ? ', to the optimum' : ', until the loss stood still';
  const end = { completed: '', converged: where, early: ', ended early' }[descent.stopped];
  const begun = fitted.start === undefined ? '' : `, begun at ${fitted.start.name}`;
  const lines: [string, string][] = [
    ['device', `${device.id}, ${device.name}, ${dtype}`],
    ['descent', `${options.strategy}, ${passes} in ${duration(descent.seconds)}${end}${begun}`],
    ...notice(fitted),
    ['loss', `${lossText(activation, finalLoss(fitted))}${lossBy}`],
    ...validationLines(fitted, options),
    ['score', scoreText(fitted, score.train, `${counted(score.train.count, 'row')} trained on`, scoreBy)],
  ];
  if (score.holdout !== undefined) {
    lines.push(['', scoreText(fitted, score.holdout, `${counted(heldOut, 'row')} held out`, scoreBy)]);
  }
  return lines.map(([name, text]) => `  ${colors.dim(name.padEnd(9))}${text}`);
}

/** Of the rows held out, where there are some. */
function classFigures(fitted: Fitted): string[] {
  const { train, holdout } = fitted.score;
  const lines = classLines(fitted, holdout ?? train, holdout === undefined ? 'trained on' : 'held out');
  return lines.length === 0 ? [] : [...lines, ''];
}

function validationLines(
  { descent, activation, classWeight, found, score }: Fitted,
  { patience, weight }: FitOptions,
): [string, string][] {
  const { best } = descent;
  if (best === undefined) return [];
  const at =
    best.epoch === undefined ? `iteration ${number(best.iteration ?? 0)}` : `epoch ${number(best.epoch)}`;
  const kept = patience === undefined ? '' : ', whose weights are kept';
  const rows = counted(found.rows - score.train.count, 'row');
  return [
    [
      '',
      `${lossText(activation, best.loss)} on ${rows} validated with${weighted(weight, classWeight && 'class')}, at best, at ${at}${kept}`,
    ],
  ];
}
