import { ThalwegError } from '../../base/errors';
import { type Sample, rowsOf } from '../../engine/operands';
import { outputs } from '../../engine/outputs';
import { openDevice } from '../../index';
import type { TableModel } from '../../model-files/model-schema';
import { Evaluation } from '../../metrics/evaluation';
import { widest } from '../../predictions/block-outputs';
import { type ColumnsAsked, modelColumns, outputNames } from '../../predictions/output-columns';
import { csvFormat, jsonFormat, written } from '../../predictions/row-writer';
import { vectorRows } from '../../rows/rows';
import { KnownIndices } from '../../tables/svmlight/known';
import { encodedLabels } from '../../tables/svmlight/labels';
import type { SvmlightFiles } from '../../tables/svmlight/read';
import { type ScoredTable, scoreSamples } from '../fit/score-table';
import type { TrainedModel } from '../fit/trained-model';
import { type Context, note } from '../terminal/context';
import type { DataSource } from '../terminal/data-options';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { openOutput } from '../terminal/output';
import { withSvmlight } from '../terminal/svmlight-files';

/** Where it is computed. */
type Place = Parameters<typeof deviceOptions>[0] & { readonly device: string };

/** What `thalweg predict` takes, as far as SVMlight files go. */
interface Predicting extends Place, ColumnsAsked {
  readonly keep?: readonly string[];
  readonly strict?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** A model, and the SVMlight files that it is for. */
interface Opened {
  readonly files: SvmlightFiles;
  readonly known: KnownIndices;
  readonly encoder: TableModel;
}

/** Opens files for a model that knows their indices, for as long as `body` takes. */
async function opened<Result>(
  { encoder }: TrainedModel,
  modelFile: string,
  from: DataSource,
  doing: string,
  context: Context,
  body: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  if (encoder === undefined) {
    throw new ThalwegError(
      'ERR_MODEL',
      `${modelFile} is a neuron or a layer alone, which does not say which index an input has. Give a model that thalweg fit --output wrote.`,
      { path: modelFile },
    );
  }
  const known = new KnownIndices(encoder.features, modelFile);
  return await withSvmlight(from, doing, context, (files) => body({ files, known, encoder }));
}

function noteUnknown({ unknown, firstUnknown }: KnownIndices, context: Context): void {
  if (firstUnknown === undefined) return;
  const text = `${counted(unknown, 'value')} left out of features that training did not see, of index ${firstUnknown} the first`;
  note(context, text);
}

function refuse(option: string, files: string): never {
  throw new ThalwegError(
    'ERR_COLUMN',
    `--${option} names columns, and SVMlight files such as ${files} have none. Leave it out.`,
    { option },
  );
}

/** Writes a prediction a row, in the order of the files. */
export async function predictSvmlight(
  trained: TrainedModel,
  modelFile: string,
  from: DataSource,
  options: Predicting,
  context: Context,
): Promise<number> {
  const [name = ''] = from.data;
  if (options.keep !== undefined) refuse('keep', name);
  const { learned } = trained;
  const columns = modelColumns(learned, modelFile, options);
  const names = outputNames(columns, []);
  const format = options.json === true ? jsonFormat(names) : csvFormat(names);
  const { activation, parameters } = learned;
  const perRow = parameters.intercepts.length;
  const output = await openOutput(options.output, context.signal);
  // JSON is the data here, beside which notes stand in nobody's way.
  const aside = { ...context, json: false };
  try {
    await opened(trained, modelFile, from, 'Predicting', aside, async ({ files, known }) => {
      const device = await openDevice(options.device, deviceOptions(options));
      let [read, overflowed] = [0, 0];
      try {
        if (format.head !== '') await output.write(format.head);
        for await (const block of files.blocks()) {
          const X = rowsOf('X', known.rowsOf(block));
          const found = await outputs(X, parameters, activation, widest(device), context.signal);
          const used = new Uint8Array(block.labels.length).fill(1);
          const done = written({ used, outputs: found, kept: [] }, columns, perRow, format);
          if (options.strict === true && done.firstEmpty >= 0) throw tooLarge(files, read + done.firstEmpty);
          await output.write(done.text);
          read += used.length;
          overflowed += done.overflowed;
        }
      } finally {
        await device.close();
      }
      await output.commit();
      noteUnknown(known, aside);
      if (overflowed > 0)
        note(aside, `${counted(overflowed, 'row')} without a prediction: it is too large for float64.`);
    });
    return 0;
  } finally {
    await output.discard();
  }
}

function tooLarge({ name, path }: SvmlightFiles, row: number): ThalwegError {
  const message = `${name}, row ${row + 1}: the prediction is too large for float64. Leave --strict out for an empty one.`;
  return new ThalwegError('ERR_NOT_FINITE', message, { path, row });
}

/** A score on SVMlight files. */
export interface SvmlightScore {
  readonly scored: ScoredTable;
  readonly device: string;
  readonly name: string;
}

/** Scores a model on the rows of files, whose labels are the targets. */
export async function scoreSvmlight(
  trained: TrainedModel,
  modelFile: string,
  from: DataSource,
  options: Place & { readonly weight?: string },
  context: Context,
): Promise<SvmlightScore> {
  const [given = ''] = from.data;
  if (options.weight !== undefined) refuse('weight', given);
  const { learned } = trained;
  return await opened(trained, modelFile, from, 'Scoring', context, async ({ files, known, encoder }) => {
    async function* samples(): AsyncGenerator<Sample> {
      let first = 0;
      for await (const block of files.blocks()) {
        const y = encodedLabels(files, block.labels, encoder.target, first);
        first += y.length;
        yield { X: rowsOf('X', known.rowsOf(block)), y: vectorRows('y', y) };
      }
    }
    const device = await openDevice(options.device, deviceOptions(options));
    try {
      const found = new Evaluation(learned.activation, learned.parameters.intercepts.length);
      const scored = await scoreSamples(learned, samples(), device, found);
      noteUnknown(known, context);
      return { scored, device: device.info.id, name: files.name };
    } finally {
      await device.close();
    }
  });
}
