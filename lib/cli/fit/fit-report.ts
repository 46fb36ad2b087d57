import { columnNames, scaling } from '../../tables/encoder/encoding';
import type { Model } from '../../model-files/model-schema';
import { type Context, note, print, printJson } from '../terminal/context';
import { type FitOptions, goesToOptimum, passesOf } from './fit-options';
import { finalLoss } from './fitted';
import type { Fitted } from './train';
import { colors, counted, duration, number, table } from '../terminal/format';
import { isStandardOutput } from '../terminal/output';
import { slowness } from '../../rows/conditioning';
import { lossText, scoreText } from '../terminal/report';

/** Prints what was learned: the one JSON object, or the tables that a person reads. */
export function printFit(fitted: Fitted, model: Model, options: FitOptions, context: Context): void {
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
    ...weightTable(fitted),
    '',
    end(output),
  ];
  // Where the model is the result, the rest is told aside.
  if (toStandardOutput) note(context, report);
  else print(report);
}

function end(output: string | undefined): string {
  if (output === undefined) return colors.dim('To keep it: --output model.json');
  return `Model written to ${isStandardOutput(output) ? 'standard output' : output}`;
}

function fitJson(fitted: Fitted, { neuron, target }: Model, { strategy, output }: FitOptions): object {
  const { device, descent, found, dropped, heldOut, score, notConverged } = fitted;
  const columns = found.features.flatMap(columnNames);
  return {
    device: device.id,
    plan: descent.plan,
    strategy,
    activation: neuron.activation,
    target,
    rows: found.rows,
    dropped,
    ...(score.holdout === undefined ? {} : { heldOut, overflowed: score.holdout.overflowed }),
    features: found.features.map(({ name }) => name),
    weights: Object.fromEntries(columns.map((column, index) => [column, neuron.weights[index]])),
    intercept: neuron.bias,
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
    seconds: descent.seconds,
    ...(output === undefined ? {} : { model: output }),
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
  if (
    fitted.activation === 'linear' &&
    !('levels' in chosen.target.encoding) &&
    found.target.onlyZeroAndOne
  ) {
    note(
      context,
      `${chosen.target.column.name} holds only 0 and 1: --activation sigmoid learns their probability`,
    );
  }
}

function heading({ source, chosen, found }: Fitted): string {
  const { encoding } = chosen.target;
  const target = colors.bold(encoding.name);
  const levels = 'levels' in encoding ? `  (${encoding.levels[0]} = 0, ${encoding.levels[1]} = 1)` : '';
  return `${colors.bold(source.name)}: ${counted(found.features.length, 'feature')} → ${target}${levels}`;
}

/** That the weights are not those of the optimum, where they should be. */
function notice({ notConverged }: Fitted): [string, string][] {
  if (notConverged === undefined) return [];
  return [['', colors.bold(colors.yellow(`NOT CONVERGED: ${notConverged}`))]];
}

function summary(fitted: Fitted, options: FitOptions): string[] {
  const { device, dtype, descent, activation, heldOut, score } = fitted;
  const passes =
    options.strategy === 'batch'
      ? counted(descent.iterations, 'iteration')
      : `${counted(descent.loss.length, 'epoch')}, ${counted(descent.iterations, 'step')}`;
  const where = goesToOptimum(options) ? ', to the optimum' : ', until the loss stood still';
  const end = { completed: '', converged: where, early: ', ended early' }[descent.stopped];
  const lines: [string, string][] = [
    ['device', `${device.id}, ${device.name}, ${dtype}`],
    ['descent', `${options.strategy}, ${passes} in ${duration(descent.seconds)}${end}`],
    ...notice(fitted),
    ['loss', lossText(activation, finalLoss(fitted))],
    ...validationLines(fitted, options),
    ['score', scoreText(activation, score.train, `${counted(score.train.count, 'row')} trained on`)],
  ];
  if (score.holdout !== undefined) {
    lines.push(['', scoreText(activation, score.holdout, `${counted(heldOut, 'row')} held out`)]);
  }
  return lines.map(([name, text]) => `  ${colors.dim(name.padEnd(9))}${text}`);
}

function validationLines(
  { descent, activation, found, score }: Fitted,
  { patience }: FitOptions,
): [string, string][] {
  const { best } = descent;
  if (best === undefined) return [];
  const at =
    best.epoch === undefined ? `iteration ${number(best.iteration ?? 0)}` : `epoch ${number(best.epoch)}`;
  const kept = patience === undefined ? '' : ', whose weights are kept';
  const rows = counted(found.rows - score.train.count, 'row');
  return [['', `${lossText(activation, best.loss)} on ${rows} validated with, at best, at ${at}${kept}`]];
}

/** Weights for raw values, and what one standard deviation of a column does, by which columns compare. */
function weightTable({ found, neuron }: Fitted): string[] {
  const names = found.features.flatMap(columnNames);
  const { scales } = scaling(found.features);
  const rows = names.map((name, index) => {
    const weight = neuron.weights[index] ?? NaN;
    return [name, number(weight), number(weight * (scales[index] ?? 1))];
  });
  const all = [...rows, ['(intercept)', number(neuron.bias), '']];
  const lines = table(['column', 'weight', 'per std. dev.'], all, [1, 2]);
  const compared = found.features.flatMap((feature) =>
    feature.kind === 'category' ? [`  ${feature.name} is compared with ${feature.leftOut}`] : [],
  );
  return [...lines, ...compared.map((line) => colors.dim(line))];
}
