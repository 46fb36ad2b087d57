import { listed } from '../../base/listed';
import { gigabytes } from '../../base/memory';
import { slowness } from '../../rows/conditioning';
import { columnNames, fills, scaling, width } from '../../tables/encoder/encoding';
import type { ColumnNote, Note } from '../../tables/notes';
import { counted, number } from '../terminal/format';
import { type FitOptions, goesToOptimum, passesOf } from './fit-options';
import { finalLoss } from './fitted';
import type { Fitted } from './train';

/** What a person would want to know of a fit, besides its result. */
export function fitNotes(fitted: Fitted, options: FitOptions): (Note | ColumnNote)[] {
  return [
    ...fitted.chosen.notes,
    ...rowNotes(fitted),
    ...wideNotes(fitted),
    ...targetNotes(fitted, options),
    ...emptyClassNotes(fitted),
    ...separableNotes(fitted, options),
    ...localNotes(fitted, options),
    ...slownessNotes(fitted, options),
  ];
}

/** Notes as `--json` has them. */
export function notesJson(notes: readonly (Note | ColumnNote)[]): Note[] {
  return notes.map((note) => {
    const { code, column, count } = note;
    return {
      ...{ code, text: sentence(note) },
      ...(column === undefined ? {} : { column }),
      ...(count === undefined ? {} : { count }),
    };
  });
}

/** Codes whose short form says nothing without the title. */
const TITLED = new Set(['MISSING_WORDS', 'LEFT_OUT', 'ROW_COUNTER']);

/** A note that stands alone: `id left out: an id of each row`. */
export function sentence(note: Note | ColumnNote): string {
  if (!TITLED.has(note.code) || !isShort(note)) return note.text;
  return `${note.column} ${TITLES[note.code]}: ${note.short}`;
}

/** What stands before the columns of a code in one line. */
const TITLES: Readonly<Record<string, string>> = {
  READ_AS: 'read as',
  MISSING_WORDS: 'taken as missing',
  LEFT_OUT: 'left out',
  LEVEL_A_ROW: 'of nearly as many levels as rows, each of which learns its own rows by heart',
  ROW_COUNTER: 'may only number the rows',
  LEADING_ZEROS: 'leading zeros',
  OUTLYING_VALUE: 'may stand for a missing value',
  DIGITS_LOST: 'digits are lost',
  COMPACT_DATES: 'may be dates',
  PERIODS: 'no dates',
};

/** The lines that tell them: those of columns together, as far as they are of one code. */
export function noteLines(notes: readonly (Note | ColumnNote)[]): string[] {
  const lines: string[] = [];
  const told = new Set<string>();
  for (const note of notes) {
    const title = TITLES[note.code];
    if (title === undefined || !isShort(note)) lines.push(note.text);
    else if (told.size !== told.add(keyOf(note)).size) {
      const alike = notes.filter((other) => isShort(other) && keyOf(other) === keyOf(note)) as ColumnNote[];
      lines.push(`${title}: ${columnsText(alike)}${note.instead === undefined ? '' : `; ${note.instead}`}`);
    }
  }
  return lines;
}

const keyOf = ({ code, instead = '' }: ColumnNote): string => `${code} ${instead}`;

/** Whether it says no more than its short form. */
const isShort = (note: Note | ColumnNote): note is ColumnNote =>
  'short' in note && note.text === textOf(note);

const textOf = ({ column, short }: ColumnNote): string => `${column}: ${short}`;

/** More would fill a screen. */
const SHOWN_NAMES = 6;
const SHOWN_GROUPS = 8;

/** `a, b and 3 more (one level), c (no values)`. */
function columnsText(notes: readonly ColumnNote[]): string {
  const groups = new Map<string, string[]>();
  for (const { column, short } of notes) groups.set(short, [...(groups.get(short) ?? []), column]);
  const texts = [...groups].map(([short, columns]) => `${namesText(columns)} (${short})`);
  const rest = [...groups.values()].slice(SHOWN_GROUPS).reduce((sum, columns) => sum + columns.length, 0);
  return [...texts.slice(0, SHOWN_GROUPS), ...(rest > 0 ? [`and ${counted(rest, 'column')} more`] : [])].join(
    ', ',
  );
}

function namesText(names: readonly string[]): string {
  if (names.length <= SHOWN_NAMES) return names.join(', ');
  return `${names.slice(0, SHOWN_NAMES).join(', ')} and ${number(names.length - SHOWN_NAMES)} more`;
}

/** What became of the rows of a file. */
type Counted = Pick<Fitted, 'chosen' | 'dropped' | 'unseen'>;

/** Rows that are not learned from, and what takes the place of missing values. */
export function rowNotes({ chosen, dropped, unseen }: Counted): Note[] {
  const { weight, lacking, missing, withoutTarget, target } = chosen;
  const notes: Note[] = [];
  if (weight !== undefined && weight.zeros > 0) {
    const text = `${counted(weight.zeros, 'row')} left out, whose ${weight.column.name} is 0`;
    notes.push({ code: 'WEIGHT_ZERO', text, column: weight.column.name, count: weight.zeros });
  }
  const isFilled = fills(missing);
  if (isFilled && lacking.length > 0) {
    const what = {
      mean: 'mean',
      median: 'median',
      mode: 'commonest value',
      indicator: 'mean, and a column that says so,',
    };
    const text = `the ${what[missing as keyof typeof what]} stands in for missing features: ${lackingText(lacking)}`;
    notes.push({ code: 'MISSING_FILLED', text });
  }
  const lost = dropped - unseen;
  if (lost > 0) {
    const without = [
      ...(isFilled ? [] : lacking),
      ...(withoutTarget > 0 ? [{ name: target.column.name, missing: withoutTarget }] : []),
    ];
    const text = `${counted(lost, 'row')} dropped for missing values: ${lackingText(without)}`;
    notes.push({ code: 'ROWS_DROPPED', text, count: lost });
  }
  if (unseen > 0) {
    const text = `${counted(unseen, 'held-out row')} not scored: a level there that training did not see`;
    notes.push({ code: 'ROWS_NOT_SCORED', text, count: unseen });
  }
  return notes;
}

/** Why rows are not learned from and not scored, as `--json` has it: the counts add up to `dropped`. */
export function droppedJson({ dropped, unseen }: Counted): { missing: number; unseenLevel: number } {
  return { missing: dropped - unseen, unseenLevel: unseen };
}

function lackingText(lacking: readonly { readonly name: string; readonly missing: number }[]): string {
  const shown = [...lacking].sort((a, b) => b.missing - a.missing).slice(0, SHOWN_GROUPS);
  const rest = lacking.length - shown.length;
  const texts = shown.map(({ name, missing }) => `${name} ${number(missing)}`);
  return [...texts, ...(rest > 0 ? [`and ${counted(rest, 'column')} more`] : [])].join(', ');
}

/** Of more columns from one than this it is said what they cost. */
const MANY_COLUMNS = 1000;

function wideNotes({ found }: Fitted): Note[] {
  return found.features
    .filter((feature) => width([feature]) > MANY_COLUMNS)
    .map((feature) => {
      const columns = width([feature]);
      const cost = gigabytes(found.rows * columns * Float64Array.BYTES_PER_ELEMENT);
      const text = `${feature.name}: ${number(columns)} columns, one for each level, which take ${cost}; --max-levels 100 keeps the most frequent`;
      return { code: 'MANY_LEVELS', text, column: feature.name, count: columns };
    });
}

/** As of a loss that is nothing but how far training went. */
const VANISHED = 1e-4;

/** What its values say of how a target is learned. */
export function targetNotes(target: TargetFound, options: Pick<FitOptions, 'activation'>): Note[] {
  return [
    ...pairNotes(target, options),
    ...alikeNotes(target),
    ...countNotes(target, options),
    ...constantNotes(target),
  ];
}

type TargetFound = Pick<Fitted, 'chosen' | 'found' | 'activation'>;

/** Numbers that are two classes, or might be. */
function pairNotes(
  { chosen, found, activation }: TargetFound,
  options: Pick<FitOptions, 'activation'>,
): Note[] {
  const { column, encoding } = chosen.target;
  const { name } = column;
  const isPair = encoding.kind === 'number' && encoding.levels?.length === 2;
  if (!isPair && !(encoding.levels === undefined && found.target.isZeroOrOne)) return [];
  const [zero, one] = encoding.levels ?? [0, 1];
  const text =
    activation === 'linear'
      ? `${name} holds only 0 and 1: --activation sigmoid learns their probability`
      : `${name} holds only ${zero} and ${one}, which are two classes: --activation linear learns numbers`;
  const isSaid = activation !== 'linear' && options.activation !== undefined;
  return isSaid ? [] : [{ code: 'TWO_NUMBERS', text, column: name }];
}

/** Classes that may be one, which was written in several ways. */
function alikeNotes({ chosen }: TargetFound): Note[] {
  const { column, encoding } = chosen.target;
  if (encoding.kind !== 'category') return [];
  const spelled = new Map<string, number>();
  for (const level of encoding.levels) {
    const folded = level.toLowerCase();
    spelled.set(folded, (spelled.get(folded) ?? 0) + 1);
  }
  const alike = encoding.levels.filter((level) => (spelled.get(level.toLowerCase()) ?? 0) > 1);
  if (alike.length === 0) return [];
  const text = `${listed(alike)}: classes of ${column.name} that differ in capitals alone, each of which is learned by itself: where they are one, write it one way`;
  return [{ code: 'CLASSES_ALIKE', text, column: column.name, count: alike.length }];
}

/** A target of one value, of which there is nothing to learn. */
function constantNotes({ chosen, found }: TargetFound): Note[] {
  const { column, encoding } = chosen.target;
  if (!found.target.isConstant || encoding.kind !== 'number' || encoding.levels !== undefined) return [];
  const text = `${column.name} is ${number(found.target.least)} in each row, so that there is nothing to learn`;
  return [{ code: 'TARGET_CONSTANT', text, column: column.name }];
}

/** Numbers that count something, which a straight line may take below 0. */
function countNotes(
  { chosen, found, activation }: TargetFound,
  options: Pick<FitOptions, 'activation'>,
): Note[] {
  if (activation !== 'linear' || options.activation !== undefined) return [];
  const { column, encoding } = chosen.target;
  if (encoding.kind !== 'number' || encoding.levels !== undefined || !found.target.isCounts) return [];
  const text = `${column.name} holds whole numbers from 0 on: where they count something, --activation exp learns how many there are on average`;
  return [{ code: 'COUNTS', text, column: column.name }];
}

/** Classes that no row shows can only become ever less likely. */
function emptyClassNotes({ classes, found, chosen }: Fitted): Note[] {
  const empty = (classes ?? []).filter((_, k) => found.target.counts[k] === 0);
  if (empty.length === 0) return [];
  const rows = empty.length === 1 ? 'a level' : 'levels';
  const text = `${listed(empty)}: ${rows} of the target in no row that is trained on, so that nothing is learned of it`;
  return [{ code: 'CLASS_WITHOUT_ROWS', text, column: chosen.target.column.name, count: empty.length }];
}

/** Classes that a line tells apart: the loss has no least value. */
function separableNotes(fitted: Fitted, options: FitOptions): Note[] {
  const { classes, score } = fitted;
  if (classes === undefined || !goesToOptimum(options) || options.l1 > 0 || options.l2 > 0) return [];
  if (score.train.score !== 1 || (finalLoss(fitted) ?? 0) > VANISHED) return [];
  const text =
    'the classes can be told apart without an error, so that larger weights are always better: give --l2';
  return [{ code: 'SEPARABLE', text }];
}

/** That ranks were averaged. */
function localNotes({ descent }: Fitted, { averageEvery }: FitOptions): Note[] {
  if (descent.plan !== 'local' || averageEvery === undefined) return [];
  const text = `the weights are approximate: each process took ${counted(averageEvery, 'step')} by itself between two averages; without --average-every they take each together`;
  return [{ code: 'LOCAL_STEPS', text }];
}

/** Why an 'auto' rate learns little of features as they are. */
function slownessNotes({ found, descent }: Fitted, options: FitOptions): Note[] {
  if (options.standardize || goesToOptimum(options) || typeof options.learningRate === 'number') return [];
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
  const slow = slowness(columns, true, most, (j) => `the column "${names[j] ?? ''}"`);
  return slow === undefined ? [] : [{ code: 'SLOW_DESCENT', text: `${slow}. Leave --no-standardize out.` }];
}
