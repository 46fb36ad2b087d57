import type { Output } from '../../base/output-file';
import { blocks } from '../../tables/encoder/blocks';
import type { Block } from '../../tables/encoder/reading';
import { width } from '../../tables/encoder/encoding';
import { openSource } from '../../tables/files/source';
import { readingFor } from '../../tables/encoder/trained';
import { type HsaOverride, Neuron, openDevice } from '../../index';
import { readModel } from '../../model-files/model-file';
import type { Model } from '../../model-files/model-schema';
import { type Context, note } from '../terminal/context';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { openOutput, requireOutput } from '../terminal/output';
import { type Progress, progress } from '../terminal/progress';
import { widest } from '../fit/score-table';

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
  const model = await readModel(modelFile);
  if (options.output !== undefined) await requireOutput(options.output);
  const source = await openSource(data, context.signal);
  const output = await openOutput(options.output, context.signal);
  try {
    const { reading, fileRows } = await readingFor(source, model, { withTarget: false });
    const bar = progress(context, 'Predicting', fileRows, 'rows');
    const { empty, overflowed } = await writePredictions(
      model,
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

/** Returns how many rows got no prediction: those that lack a value, and those whose prediction float64 cannot hold. */
async function writePredictions(
  model: Model,
  source: AsyncIterable<Block>,
  options: PredictOptions,
  output: Output,
  bar: Progress,
): Promise<{ empty: number; overflowed: number }> {
  const columns = width(model.features);
  const neuron = new Neuron(model.neuron);
  const format = lineFormat(model);
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

function lineFormat({ target }: Model): LineFormat {
  if (!('levels' in target)) {
    return { head: 'prediction', line: (output) => `${output ?? ''}\n` };
  }
  const [zero, one] = target.levels.map(field);
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
