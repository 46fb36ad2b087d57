import type { Output } from '../../base/output-file';
import { blocks } from '../../tables/encoder/blocks';
import type { Block } from '../../tables/encoder/reading';
import { type Source, openSource } from '../../tables/files/source';
import { type TrainedReading, readingFor, readingInOrder } from '../../tables/encoder/trained';
import { type HsaOverride, type Neuron, openDevice } from '../../index';
import { type Context, note } from '../terminal/context';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { openOutput, requireOutput } from '../terminal/output';
import { type Progress, progress } from '../terminal/progress';
import { widest } from '../fit/score-table';
import { type TrainedNeuron, readTrained } from './trained-neuron';

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
  data: string,
  options: PredictOptions,
  context: Context,
): Promise<number> {
  const trained = await readTrained(modelFile);
  if (options.output !== undefined) await requireOutput(options.output);
  const source = await openSource(data, context.signal);
  const output = await openOutput(options.output, context.signal);
  try {
    const { reading, fileRows } = await readingOf(trained, modelFile, source, context);
    const bar = progress(context, 'Predicting', fileRows, 'rows');
    const { empty, overflowed } = await writePredictions(
      trained.neuron,
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

/** By the names of the columns; of a neuron that has none in their order, which is said. */
async function readingOf(
  { neuron, encoder }: TrainedNeuron,
  modelFile: string,
  source: Source,
  context: Context,
): Promise<TrainedReading> {
  if (encoder !== undefined) return await readingFor(source, encoder, { withTarget: false });
  const found = await readingInOrder(source, neuron.weights.length, modelFile);
  note(context, `${modelFile} names no columns: those of ${source.name} are taken in their order.`);
  return found;
}

/** Returns how many rows got no prediction: those that lack a value, and those whose prediction float64 cannot hold. */
async function writePredictions(
  neuron: Neuron,
  source: AsyncIterable<Block>,
  options: PredictOptions,
  output: Output,
  bar: Progress,
): Promise<{ empty: number; overflowed: number }> {
  const columns = neuron.weights.length;
  const format = lineFormat(neuron);
  const device = await openDevice(options.device, deviceOptions(options));
  let empty = 0;
  let overflowed = 0;
  let read = 0;
  try {
    await output.write(`${format.head}\n`);
    for await (const { X, rows, used } of source) {
      const outputs =
        rows === 0
          ? new Float64Array(0)
          : await neuron.predict({ data: X, shape: [rows, columns] }, widest(device));
      await output.write(lines(used, outputs, format.line));
      empty += used.length - rows;
      overflowed += outputs.reduce((count, output) => count + (Number.isFinite(output) ? 0 : 1), 0);
      bar.update((read += used.length));
    }
  } finally {
    bar.stop();
    await device.close();
  }
  return { empty, overflowed };
}

interface LineFormat {
  readonly head: string;
  readonly line: (output: number | undefined) => string;
}

function lineFormat({ classes }: Neuron): LineFormat {
  if (classes === undefined) {
    return { head: 'prediction', line: (output) => `${output ?? ''}\n` };
  }
  const [zero, one] = classes.map((label) => field(String(label)));
  return {
    head: 'prediction,level',
    line: (output) => (output === undefined ? ',\n' : `${output},${(output >= 0.5 ? one : zero) ?? ''}\n`),
  };
}

/** A text as a CSV field. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function lines(used: Uint8Array, outputs: Float64Array, line: LineFormat['line']): string {
  let text = '';
  let next = 0;
  for (const isUsed of used) {
    const output = isUsed === 1 ? outputs[next++] : undefined;
    text += line(Number.isFinite(output) ? output : undefined);
  }
  return text;
}
