import type { Output } from '../../base/output-file';
import { blocks } from '../../tables/encoder/blocks';
import type { Block } from '../../tables/encoder/reading';
import type { Source } from '../../tables/files/source';
import { type TrainedReading, readingFor, readingInOrder } from '../../tables/encoder/trained';
import type { Device } from '../../devices/device';
import { rowsOf } from '../../engine/operands';
import { outputs } from '../../engine/outputs';
import { type HsaOverride, openDevice } from '../../index';
import type { Learned } from '../../model/learned';
import type { LayerActivationName } from '../../objective/activations';
import { largestOf } from '../../objective/classes';
import { type Context, note } from '../terminal/context';
import { type DataSource, openData } from '../terminal/data-options';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { openOutput, requireOutput } from '../terminal/output';
import { type Progress, progress } from '../terminal/progress';
import { inputsOf, widest } from '../fit/score-table';
import { type TrainedModel, readTrained } from '../fit/trained-model';

/** What `thalweg predict` can be given besides the model and the data. */
export interface PredictOptions {
  readonly device: string;
  readonly hsaOverride?: HsaOverride;
  readonly output?: string;
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
  if (options.output !== undefined) await requireOutput(options.output);
  const source = await openData(from, context);
  const output = await openOutput(options.output, context.signal);
  try {
    const { reading, fileRows } = await readingOf(trained, modelFile, source, context);
    const bar = progress(context, 'Predicting', fileRows, 'rows');
    const { empty, overflowed } = await writePredictions(
      trained.learned,
      blocks(source, reading),
      options,
      output,
      bar,
    );
    await output.commit();
    if (empty > 0) {
      note(
        context,
        `${counted(empty, 'row')} without a prediction: a value is missing there, or a level that training did not see.`,
      );
    }
    if (overflowed > 0) {
      note(context, `${counted(overflowed, 'row')} without a prediction: it is too large for float64.`);
    }
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

/** Returns how many rows got no prediction: those that lack a value, and those whose prediction float64 cannot hold. */
async function writePredictions(
  learned: Learned,
  source: AsyncIterable<Block>,
  options: PredictOptions,
  output: Output,
  bar: Progress,
): Promise<{ empty: number; overflowed: number }> {
  const columns = inputsOf(learned);
  const format = lineFormat(learned);
  const device = await openDevice(options.device, deviceOptions(options));
  let empty = 0;
  let overflowed = 0;
  let read = 0;
  try {
    await output.write(`${format.head}\n`);
    for await (const { X, rows, used } of source) {
      const found = rows === 0 ? new Float64Array(0) : await predicted(learned, { X, rows, columns }, device);
      const written = lines(used, found, format);
      await output.write(written.text);
      empty += used.length - rows;
      overflowed += written.overflowed;
      bar.update((read += used.length));
    }
  } finally {
    bar.stop();
    await device.close();
  }
  return { empty, overflowed };
}

async function predicted(
  { activation, parameters }: Learned,
  { X, rows, columns }: { readonly X: Float64Array; readonly rows: number; readonly columns: number },
  device: Device,
): Promise<Float64Array> {
  return await outputs(
    rowsOf('X', { data: X, shape: [rows, columns] }),
    parameters,
    activation,
    widest(device),
  );
}

interface LineFormat {
  readonly head: string;
  /** How many there are a row. */
  readonly outputs: number;
  /** Of the row whose outputs begin at `first`; undefined: without a prediction. */
  readonly line: (outputs: Float64Array, first: number | undefined) => string;
}

/** The outputs, and the level where they are of classes. */
function lineFormat({ activation, parameters, classes }: Learned): LineFormat {
  const count = parameters.intercepts.length;
  if (count > 1) return severalFormat(activation, count, classes);
  if (classes === undefined) {
    const line: LineFormat['line'] = (found, first) => `${first === undefined ? '' : found[first]}\n`;
    return { head: 'prediction', outputs: 1, line };
  }
  const [zero, one] = classes.map((label) => field(String(label)));
  return {
    head: 'prediction,level',
    outputs: 1,
    line: (found, first) => {
      const output = first === undefined ? undefined : found[first];
      return output === undefined ? ',\n' : `${output},${(output >= 0.5 ? one : zero) ?? ''}\n`;
    },
  };
}

/** A column an output, named by it; of classes these are their probabilities. */
function severalFormat(
  activation: LayerActivationName,
  count: number,
  classes: Learned['classes'],
): LineFormat {
  const names = Array.from({ length: count }, (_, k) => field(String(classes?.[k] ?? k)));
  const isClasses = activation === 'softmax';
  const nothing = `${','.repeat(isClasses ? count : count - 1)}\n`;
  return {
    head: [...names, ...(isClasses ? ['level'] : [])].join(','),
    outputs: count,
    line: (found, first) => {
      if (first === undefined) return nothing;
      const values = found.subarray(first, first + count).join(',');
      return isClasses ? `${values},${names[largestOf(found, first, count)] ?? ''}\n` : `${values}\n`;
    },
  };
}

/** A text as a CSV field. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function lines(
  used: Uint8Array,
  found: Float64Array,
  { outputs: count, line }: LineFormat,
): { readonly text: string; readonly overflowed: number } {
  let text = '';
  let next = 0;
  let overflowed = 0;
  for (const isUsed of used) {
    const first = isUsed === 1 ? next : undefined;
    if (first !== undefined) next += count;
    const isFinite =
      first !== undefined && found.subarray(first, first + count).every((value) => Number.isFinite(value));
    if (first !== undefined && !isFinite) overflowed += 1;
    text += line(found, isFinite ? first : undefined);
  }
  return { text, overflowed };
}
