import { trivialOf as commonestOf } from '../../metrics/class-tally';
import type { Candidate, CrossValidation } from '../../model-selection';
import { droppedJson, noteLines, notesJson, rowNotes, targetNotes } from '../fit/fit-notes';
import type { Prepared } from '../fit/prepare';
import { listed } from '../../base/listed';
import type { ColumnNote, Note } from '../../tables/notes';
import { type Context, note, print, printJson } from '../terminal/context';
import { colors, counted, duration, number } from '../terminal/format';
import { table } from '../terminal/table';
import { isStandardOutput, outputName } from '../terminal/output';
import { meanR2, tellsClasses } from '../terminal/report';
import type { CvOptions } from './cv-options';

/** What was cross-validated, and what came out. */
export interface CrossValidated extends Prepared {
  readonly validated: CrossValidation;
  /** Of each class what its rows count together, where there are classes. */
  readonly counted: Float64Array | undefined;
}

/** Prints how each penalty did: the one JSON object, or a table. */
export function printCv(done: CrossValidated, options: CvOptions, context: Context): void {
  if (context.json) {
    printJson(cvJson(done, options));
    return;
  }
  note(context, noteLines(notesOf(done, options)));
  const { output } = options;
  const lines = [
    ...heading(done, options),
    '',
    ...candidateTable(done),
    trivialText(done),
    '',
    ...ending(done, options),
  ];
  // Where the model is the result, the rest is told aside.
  if (output !== undefined && isStandardOutput(output)) note(context, lines);
  else print(lines);
}

/** Rows that lack a value are in no fold. */
function countedOf({ chosen, found }: Prepared): Parameters<typeof rowNotes>[0] {
  return { chosen, dropped: chosen.fileRows - (chosen.weight?.zeros ?? 0) - found.rows, unseen: 0 };
}

/** What a person would want to know, besides what the source said while it was read. */
function notesOf(done: CrossValidated, options: CvOptions): (Note | ColumnNote)[] {
  return [
    ...done.chosen.notes,
    ...rowNotes(countedOf(done)),
    ...targetNotes(done, options),
    ...foldNotes(done, options),
  ];
}

/** What of the scores is for want of rows. */
function foldNotes({ classes, found, chosen }: CrossValidated, { folds }: CvOptions): Note[] {
  const column = chosen.target.column.name;
  if (classes === undefined) {
    if (found.rows >= 2 * folds) return [];
    const text = `the R² of a fold of one row says nothing: it is 1 where the prediction is right, otherwise 0. Give fewer --folds, or go by the loss, with --by loss`;
    return [{ code: 'FOLD_OF_ONE_ROW', text, column }];
  }
  const few = classes.filter((_, k) => (found.target.counts[k] ?? 0) < folds);
  if (few.length === 0) return [];
  const text = `${listed(few)}: fewer rows than the ${folds} folds, so that some folds are scored without any`;
  return [{ code: 'FEW_OF_CLASS', text, column, count: few.length }];
}

function cvJson(done: CrossValidated, options: CvOptions): object {
  const { source, validated, chosen, found, activation } = done;
  const rows = countedOf(done);
  const { best, candidates, device, seconds } = validated;
  return {
    device,
    target: chosen.target.encoding.name,
    activation,
    strategy: options.strategy,
    rows: found.rows,
    dropped: rows.dropped,
    droppedFor: droppedJson(rows),
    folds: options.folds,
    seed: options.seed,
    by: options.by,
    leftOut: chosen.leftOut,
    notes: notesJson([...source.notes, ...notesOf(done, options)]),
    candidates: candidates.map(candidateJson),
    best: candidateJson(best),
    trivial: trivialOf(done),
    seconds,
    ...(options.output === undefined ? {} : { model: options.output }),
  };
}

function candidateJson(candidate: Candidate): object {
  const { l1, l2, scores, meanScore, scoreDeviation, losses, meanLoss, converged } = candidate;
  return {
    ...{ l1, l2, meanScore, scoreDeviation, meanLoss, converged },
    scores: [...scores],
    losses: [...losses],
  };
}

function heading({ source, chosen, found, validated }: CrossValidated, options: CvOptions): string[] {
  const target = colors.bold(chosen.target.encoding.name);
  return [
    `${colors.bold(source.name)}: ${counted(found.features.length, 'feature')} → ${target}`,
    `  ${counted(found.rows, 'row')} in ${options.folds} folds, by seed ${options.seed}, on ${validated.device} in ${duration(validated.seconds)}`,
  ];
}

/** The score of who learns nothing: of classes the share of the commonest; the mean has an R² of 0, or of 1 where it is right. */
function trivialOf({ classes, counted, found }: CrossValidated): {
  readonly score: number;
  readonly label?: string | number;
} {
  if (classes === undefined || counted === undefined) return { score: meanR2(found.target.isConstant) };
  const { accuracy, class: commonest } = commonestOf(counted);
  return { score: accuracy, label: classes[commonest] ?? commonest };
}

function trivialText(done: CrossValidated): string {
  const { score, label } = trivialOf(done);
  return label === undefined
    ? `  R² of the mean: ${score}`
    : `  accuracy of always ${label}: ${score.toFixed(4)}`;
}

function candidateTable({ validated, activation }: CrossValidated): string[] {
  const score = tellsClasses(activation) ? 'accuracy' : 'R²';
  const { candidates, best } = validated;
  const rows = candidates.map((candidate) => {
    const { l1, l2, meanScore, scoreDeviation, meanLoss, converged } = candidate;
    const remark = [candidate === best ? 'best' : '', converged ? '' : 'not converged'].filter(Boolean);
    const cells = [String(l1), String(l2), meanScore.toFixed(4), `± ${scoreDeviation.toFixed(4)}`];
    return [...cells, number(meanLoss), remark.join(', ')];
  });
  return table(['l1', 'l2', score, '', 'loss', ''], rows, [0, 1, 2, 3, 4]);
}

function ending({ validated }: CrossValidated, { output }: CvOptions): string[] {
  const { l1, l2 } = validated.best;
  const penalties = [...(l1 > 0 ? [`--l1 ${l1}`] : []), `--l2 ${l2}`].join(' ');
  if (output === undefined)
    return [colors.dim(`To fit all rows so: thalweg fit with ${penalties}, or cv --output model.json`)];
  return [`Model of all rows, with ${penalties}, written to ${outputName(output)}`];
}
