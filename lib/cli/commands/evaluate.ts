import { blocks } from '../../tables/encoder/blocks';
import { areSvmlight } from '../../tables/files/inputs';
import { type Unread, readingFor } from '../../tables/encoder/trained';
import { type HsaOverride, openDevice } from '../../index';
import { ThalwegError } from '../../base/errors';
import { lazily } from '../../base/lazily';
import type { Learned } from '../../model/learned';
import { type Context, note, print, printJson } from '../terminal/context';
import { type DataSource, openData } from '../terminal/data-options';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { classLines, figuresJson } from '../terminal/figures';
import { progress } from '../terminal/progress';
import { blamedText, unreadLines } from '../terminal/unread';
import { lossText, scoreText, tellsClasses, weighted } from '../terminal/report';
import { type ScoredTable, scoreTable } from '../fit/score-table';
import { readTrained } from '../fit/trained-model';
import type * as Svmlight from './svmlight';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const svmlight = lazily(() => require('./svmlight') as typeof Svmlight);

/** What `thalweg evaluate` can be given besides the model and the data. */
export interface EvaluateOptions {
  readonly weight?: string;
  readonly device: string;
  readonly hsaOverride?: HsaOverride;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Prints how well a model meets the targets of a data file. */
export async function evaluate(
  modelFile: string,
  from: DataSource,
  options: EvaluateOptions,
  context: Context,
): Promise<number> {
  const trained = await readTrained(modelFile);
  const { learned, encoder } = trained;
  if (areSvmlight(from.data, from.options)) {
    const { scored, device, name } = await svmlight().scoreSvmlight(
      trained,
      modelFile,
      from,
      options,
      context,
    );
    tell(learned, { ...scored, blamed: '', unread: [] }, { device, name }, context);
    return 0;
  }
  if (encoder === undefined) throw withoutTarget(modelFile);
  const source = await openData(from, context);
  try {
    const { reading, fileRows, unread } = await readingFor(source, encoder, {
      withTarget: true,
      weight: options.weight,
    });
    const device = await openDevice(options.device, deviceOptions(options));
    try {
      const bar = progress(context, 'Scoring', fileRows, 'rows');
      const scored = await scoreTable(learned, blocks(source, reading), device, bar);
      // Rows that count 0 are not read.
      const { weight } = options;
      const zeros = fileRows - scored.read;
      const evaluated = {
        ...scored,
        blamed: blamedText(
          [...reading.features, ...(reading.target ? [reading.target] : [])],
          scored.lacking,
        ),
        unread,
        ...(weight === undefined ? {} : { weight: { column: weight, zeros } }),
      };
      tell(learned, evaluated, { device: device.info.id, name: source.name }, context);
    } finally {
      await device.close();
    }
  } finally {
    source.database.close();
  }
  return 0;
}

interface Evaluated extends ScoredTable {
  /** The columns for want of which rows are not scored. */
  readonly blamed: string;
  readonly unread: readonly Unread[];
  readonly weight?: { readonly column: string; readonly zeros: number };
}

/** Where a score was computed, and of what. */
interface Place {
  readonly device: string;
  readonly name: string;
}

function tell(learned: Learned, evaluated: Evaluated, { device, name }: Place, context: Context): void {
  if (context.json) printJson({ device, ...evaluationJson(learned, evaluated) });
  else printEvaluation(learned, evaluated, name, context);
}

function evaluationJson(learned: Learned, { score, dropped, unread, weight }: Evaluated): object {
  return {
    rows: score.count,
    ...(weight === undefined ? {} : { weight }),
    dropped,
    ...(unread.length === 0
      ? {}
      : { unread: Object.fromEntries(unread.map(({ column, count }) => [column, count])) }),
    overflowed: score.overflowed,
    [tellsClasses(learned.activation) ? 'accuracy' : 'r2']: score.score,
    loss: score.meanLoss,
    metrics: figuresJson(learned, score),
  };
}

function printEvaluation(
  learned: Learned,
  { score, dropped, blamed, unread, weight }: Evaluated,
  name: string,
  context: Context,
): void {
  const by = weighted(weight?.column);
  print(scoreText(learned, score, `${counted(score.count, 'row')} of ${name}`, by));
  if (score.count > 0) print(`${lossText(learned.activation, score.meanLoss)}${by}`);
  const lines = classLines(learned, score, name);
  if (lines.length > 0) print(['', ...lines]);
  if (weight !== undefined && weight.zeros > 0)
    note(context, `${counted(weight.zeros, 'row')} left out, whose ${weight.column} is 0`);
  note(context, unreadLines(unread));
  if (dropped > 0) {
    note(
      context,
      `${counted(dropped, 'row')} not scored: a value is missing there, does not read, or is a level that training did not see: ${blamed}`,
    );
  }
}

function withoutTarget(path: string): ThalwegError {
  return new ThalwegError(
    'ERR_MODEL',
    `${path} is a neuron or a layer alone, which names no columns and no target. ` +
      'Give a model that thalweg fit --output wrote, or score it with Neuron.score or Layer.score.',
    { path },
  );
}
