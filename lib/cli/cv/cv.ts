import { writeWhole } from '../../base/output-file';
import { Sums } from '../../metrics/sums';
import { modelText } from '../../model-files/model-text';
import {
  type CrossValidateOptions,
  type CrossValidation,
  type TrialProgress,
  crossValidate,
} from '../../model-selection';
import { type FitPlace, placeOf } from '../fit/fit-device';
import { fittedModel } from '../fit/fitted';
import type { Prepared } from '../fit/prepare';
import { refuseLaunched } from '../fit/ranks';
import { descentOptions, train } from '../fit/train';
import { withPrepared } from '../fit/with-prepared';
import { width } from '../../tables/encoder/encoding';
import type { Context } from '../terminal/context';
import { type DataSource, filesGiven } from '../terminal/data-options';
import { openOutput, requireOutput } from '../terminal/output';
import { progress } from '../terminal/progress';
import { type CvOptions, fitOptions, gridOf } from './cv-options';
import { type CrossValidated, printCv } from './cv-report';
import { type TableData, tableData } from './table-data';

/** Says how well fits of each penalty do on rows that they have not seen, and writes a model of the best. */
export async function cv(from: DataSource, options: CvOptions, context: Context): Promise<number> {
  refuseLaunched('cv');
  const { output } = options;
  if (output !== undefined) await requireOutput(output, await filesGiven(from));
  const asked = fitOptions(options, { l1: 0, l2: 0 });
  await withPrepared(from, asked, context, {}, async (prepared) => {
    const place = await placeOf(bytesOf(prepared), asked);
    try {
      const chosen = await choose(prepared, place, options, context);
      if (output !== undefined) await writeBest(prepared, chosen.validated, output, options, context);
      printCv({ ...prepared, ...chosen }, options, context);
    } finally {
      if (place.device !== 'auto') await place.device.close();
    }
  });
  return 0;
}

/** Folds take their rows from X as `tableData` has it: a table's is written out. */
function bytesOf({ found, source }: Prepared): number {
  return source.isCompressed
    ? source.bytes
    : found.rows * width(found.features) * Float64Array.BYTES_PER_ELEMENT;
}

/** Fits each penalty to all folds but one, once a fold. */
async function choose(
  prepared: Prepared,
  place: FitPlace,
  options: CvOptions,
  context: Context,
): Promise<Pick<CrossValidated, 'validated' | 'counted'>> {
  const { activation, chosen, classes, classWeight } = prepared;
  const reading = progress(context, 'Reading', chosen.fileRows, 'rows');
  const data = await tableData(prepared, place.dtype, reading);
  const { X, y, sampleWeight } = data;
  const grid = gridOf(options);
  const bar = progress(context, 'Fitting', options.folds * grid.l1.length * grid.l2.length, 'fits');
  // Which penalties, the grid says.
  const fit = {
    ...descentOptions(fitOptions(options, { l1: 0, l2: 0 }), place, context.signal),
    l1: undefined,
    l2: undefined,
  };
  try {
    const validated = await crossValidate(X, y, {
      ...fit,
      ...{ activation, grid, folds: options.folds, seed: options.seed, by: options.by, refit: false },
      // The classes of rows are numbers by now.
      ...(activation === 'softmax' ? { classes: [...(classes ?? []).keys()] } : {}),
      ...(classWeight === undefined ? {} : { classWeight }),
      ...(sampleWeight === undefined ? {} : { sampleWeight }),
      onTrial: ({ fits }: TrialProgress) => {
        bar.update(fits);
      },
    } as unknown as CrossValidateOptions);
    return { validated, counted: classes && countedClasses(classes.length, data) };
  } finally {
    bar.stop();
  }
}

/** What the rows of each class count together. */
function countedClasses(classes: number, { y, sampleWeight }: TableData): Float64Array {
  const sums = new Sums(classes);
  for (const [row, label] of y.entries()) sums.add(label, sampleWeight?.[row] ?? 1);
  return sums.values();
}

/** A model of all rows. */
async function writeBest(
  prepared: Prepared,
  { best }: CrossValidation,
  output: string,
  options: CvOptions,
  context: Context,
): Promise<void> {
  const asked = fitOptions(options, best);
  const fitted = await train({ ...prepared, start: undefined }, asked, { ...context, quiet: true });
  context.signal.throwIfAborted();
  await writeWhole(() => openOutput(output, context.signal), modelText(fittedModel(fitted, asked)));
}
