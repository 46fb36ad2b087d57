import { ThalwegError } from '../../base/errors';
import { lazily } from '../../base/lazily';
import type { Output } from '../../base/output-file';
import { blocks, lackingAt } from '../../tables/encoder/blocks';
import { carriedColumns } from '../../tables/encoder/carried';
import type { Reading } from '../../tables/encoder/reading';
import { column } from '../../tables/columns/columns';
import { areSvmlight } from '../../tables/files/inputs';
import type { Source } from '../../tables/files/source';
import { type TrainedReading, readingFor, readingInOrder } from '../../tables/encoder/trained';
import { type HsaOverride, openDevice } from '../../index';
import type { Learned } from '../../model/learned';
import { type Context, note } from '../terminal/context';
import { type DataSource, filesGiven, openData } from '../terminal/data-options';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { openOutput, requireOutput } from '../terminal/output';
import { type Progress, progress } from '../terminal/progress';
import { blamedText, unreadLines } from '../terminal/unread';
import { inputsOf } from '../fit/score-table';
import { type TrainedModel, readTrained } from '../fit/trained-model';
import {
  type ColumnsAsked,
  type OutputColumn,
  modelColumns,
  outputNames,
} from '../../predictions/output-columns';
import { blockOutputs } from '../../predictions/block-outputs';
import type * as Svmlight from './svmlight';
import { type RowFormat, csvFormat, jsonFormat, written } from '../../predictions/row-writer';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const svmlight = lazily(() => require('./svmlight') as typeof Svmlight);

/** What `thalweg predict` can be given besides the model and the data. */
export interface PredictOptions extends ColumnsAsked {
  readonly keep?: readonly string[];
  readonly strict?: boolean;
  readonly device: string;
  readonly hsaOverride?: HsaOverride;
  readonly output?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Writes one prediction a row, in the order of the file; an empty one where the row lacks a value. */
export async function predict(
  modelFile: string,
  from: DataSource,
  options: PredictOptions,
  context: Context,
): Promise<number> {
  const trained = await readTrained(modelFile);
  const { output: file } = options;
  if (file !== undefined) await requireOutput(file, [modelFile, ...(await filesGiven(from))]);
  if (areSvmlight(from.data, from.options))
    return await svmlight().predictSvmlight(trained, modelFile, from, options, context);
  const columns = modelColumns(trained.learned, modelFile, options);
  // JSON is the data here, beside which notes stand in nobody's way.
  const aside = { ...context, json: false };
  const source = await openData(from, aside);
  const output = await openOutput(options.output, context.signal);
  try {
    const kept = [...new Set(options.keep)].map((name) => column(source, name));
    const carried = kept.length === 0 ? undefined : await carriedColumns(source, kept);
    const { reading, fileRows, unread } = await readingOf(trained, modelFile, source, aside);
    const names = outputNames(
      columns,
      kept.map(({ name }) => name),
    );
    for (const { name, as } of names.renamed) note(aside, `the column "${name}" is written as "${as}"`);
    const format = options.json === true ? jsonFormat(names) : csvFormat(names);
    const bar = progress(context, 'Predicting', fileRows, 'rows');
    const asked = { source, reading: { ...reading, carried }, columns, format };
    const lacking = await writePredictions(trained.learned, asked, options, output, bar);
    await output.commit();
    note(aside, unreadLines(unread));
    noteLacking(lacking, reading, aside);
    return 0;
  } finally {
    await output.discard();
    source.database.close();
  }
}

/** By the names of the columns; of a model that has none in their order, which is said. */
async function readingOf(
  { learned, encoder }: TrainedModel,
  modelFile: string,
  source: Source,
  context: Context,
): Promise<TrainedReading> {
  if (encoder !== undefined) return await readingFor(source, encoder, { withTarget: false });
  const found = await readingInOrder(source, inputsOf(learned), modelFile);
  note(context, `${modelFile} names no columns: those of ${source.name} are taken in their order.`);
  return found;
}

interface Asked {
  readonly source: Source;
  readonly reading: Reading;
  readonly columns: readonly OutputColumn[];
  readonly format: RowFormat;
}

/** How many rows got no prediction. */
interface Lacking {
  /** Those that lack a value, or have one that does not read. */
  readonly empty: number;
  /** Of each feature in how many of them it is to blame. */
  readonly each: Float64Array;
  /** Those whose prediction float64 cannot hold. */
  readonly overflowed: number;
}

async function writePredictions(
  learned: Learned,
  { source, reading, columns, format }: Asked,
  options: PredictOptions,
  output: Output,
  bar: Progress,
): Promise<Lacking> {
  const perRow = learned.parameters.intercepts.length;
  const device = await openDevice(options.device, deviceOptions(options));
  const each = new Float64Array(reading.features.length);
  let [empty, overflowed, read] = [0, 0, 0];
  try {
    if (format.head !== '') await output.write(format.head);
    for await (const block of blocks(source, reading)) {
      const { rows, used, carried = [], lacking } = block;
      const found = await blockOutputs(learned, block, device);
      const done = written({ used, outputs: found, kept: carried }, columns, perRow, format);
      if (options.strict === true && done.firstEmpty >= 0)
        throw await noPrediction(source, reading, read + done.firstEmpty + 1, used[done.firstEmpty] === 1);
      await output.write(done.text);
      empty += used.length - rows;
      overflowed += done.overflowed;
      for (const [feature, count] of lacking.entries()) each[feature] = (each[feature] ?? 0) + count;
      bar.update((read += used.length));
    }
  } finally {
    bar.stop();
    await device.close();
  }
  return { empty, each, overflowed };
}

function noteLacking({ empty, each, overflowed }: Lacking, { features }: Reading, context: Context): void {
  if (empty > 0) {
    note(
      context,
      `${counted(empty, 'row')} without a prediction: a value is missing there, does not read, or is a level that training did not see: ${blamedText(features, each)}`,
    );
  }
  if (overflowed > 0) {
    note(context, `${counted(overflowed, 'row')} without a prediction: it is too large for float64.`);
  }
}

/** The error of a row without a prediction, which names the first column to blame. */
async function noPrediction(
  source: Source,
  reading: Reading,
  row: number,
  isTooLarge: boolean,
): Promise<ThalwegError> {
  const at = `${source.name}, row ${row}`;
  if (isTooLarge) {
    const message = `${at}: the prediction is too large for float64. Leave --strict out for an empty one.`;
    return new ThalwegError('ERR_NOT_FINITE', message, { path: source.path, row: row - 1 });
  }
  const { name, text } = await lackingAt(source, reading, row);
  const holds = text === undefined ? 'no value' : `${JSON.stringify(text)}, which the model cannot read`;
  return new ThalwegError(
    'ERR_COLUMN',
    `${at}: the column "${name}" holds ${holds}. Correct the file, or leave --strict out for an empty prediction.`,
    { path: source.path, column: name, row: row - 1 },
  );
}
