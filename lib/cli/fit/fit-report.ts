import type { PlaceOfRows } from '../../devices/residency';
import type { FittedModel } from '../../model-files/model-schema';
import { type Context, note, print, printJson } from '../terminal/context';
import { type FitOptions, goesToOptimum } from './fit-options';
import { droppedJson, fitNotes, noteLines, notesJson } from './fit-notes';
import { finalLoss } from './fitted';
import type { Fitted } from './train';
import { colors, counted, duration, number } from '../terminal/format';
import { isStandardOutput, outputName } from '../terminal/output';
import { classLines, figuresJson } from '../terminal/figures';
import { lossText, scoreText, weighted } from '../terminal/report';
import { interceptsJson, weightTable, weightsJson } from './weight-table';

/** Prints what was learned: the one JSON object, or the tables that a person reads. */
export function printFit(fitted: Fitted, model: FittedModel, options: FitOptions, context: Context): void {
  if (context.json) {
    printJson(fitJson(fitted, model, options));
    return;
  }
  note(context, noteLines(fitNotes(fitted, options)));
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
  return [...written, `Model written to ${outputName(output)}`];
}

function fitJson(fitted: Fitted, { target, training }: FittedModel, options: FitOptions): object {
  const { strategy, output, report } = options;
  const { activation, device, descent, chosen, found, dropped, heldOut, score, notConverged } = fitted;
  return {
    device: device.id,
    residency: descent.residency,
    plan: descent.plan,
    strategy,
    activation,
    target,
    rows: found.rows,
    dropped,
    droppedFor: droppedJson(fitted),
    ...(chosen.weight === undefined
      ? {}
      : { weight: { column: chosen.weight.column.name, zeros: chosen.weight.zeros } }),
    ...(training.warmStart === undefined ? {} : { warmStart: training.warmStart }),
    ...(training.classWeight === undefined ? {} : { classWeight: training.classWeight }),
    ...(score.holdout === undefined ? {} : { heldOut, overflowed: score.holdout.overflowed }),
    missing: Object.fromEntries(missingOf(fitted)),
    leftOut: chosen.leftOut,
    notes: notesJson([...fitted.source.notes, ...fitNotes(fitted, options)]),
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

/** Of each column that lacks values in how many rows. */
function missingOf({ chosen }: Fitted): [string, number][] {
  const { lacking, withoutTarget, target } = chosen;
  const all = lacking.map(({ name, missing }): [string, number] => [name, missing]);
  return withoutTarget > 0 ? [...all, [target.column.name, withoutTarget]] : all;
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

/** Where rows are that are not on the device. */
function placeNamed(residency: PlaceOfRows): string {
  if (residency === 'device') return '';
  return residency === 'host' ? ', rows in memory' : ', rows on disk';
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
    ['device', `${device.id}, ${device.name}, ${dtype}${placeNamed(descent.residency)}`],
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
