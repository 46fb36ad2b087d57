import { writeWhole } from '../../base/output-file';
import { modelText } from '../../model-files/model-file';
import {
  type CrossValidateOptions,
  type CrossValidation,
  type TrialProgress,
  crossValidate,
} from '../../model-selection';
import { type FitPlace, placeOf } from '../fit/fit-device';
import { fittedModel } from '../fit/fitted';
import { type Prepared, prepare } from '../fit/prepare';
import { descentOptions, train } from '../fit/train';
import type { Context } from '../terminal/context';
import { type DataSource, openData } from '../terminal/data-options';
import { openOutput, requireOutput } from '../terminal/output';
import { progress } from '../terminal/progress';
import { type CvOptions, fitOptions, gridOf } from './cv-options';
import { printCv } from './cv-report';
import { tableData } from './table-data';

/** Says how well fits of each penalty do on rows that they have not seen, and writes a model of the best. */
export async function cv(from: DataSource, options: CvOptions, context: Context): Promise<number> {
  const { output } = options;
  if (output !== undefined) await requireOutput(output);
  const source = await openData(from, context);
  try {
    const asked = fitOptions(options, { l1: 0, l2: 0 });
    const prepared = await prepare(source, asked);
    const place = await placeOf(prepared, asked);
    try {
      const validated = await choose(prepared, place, options, context);
      if (output !== undefined) await writeBest(prepared, validated, output, options, context);
      printCv({ ...prepared, validated }, options, context);
    } finally {
      if (place.device !== 'auto') await place.device.close();
    }
  } finally {
    source.database.close();
  }
  return 0;
}

/** Fits each penalty to all folds but one, once a fold. */
async function choose(
  prepared: Prepared,
  place: FitPlace,
  options: CvOptions,
  context: Context,
): Promise<CrossValidation> {
  const { activation, chosen, classes, classWeight } = prepared;
  const reading = progress(context, 'Reading', chosen.fileRows, 'rows');
  const { X, y, sampleWeight } = await tableData(prepared, place.dtype, reading);
  const grid = gridOf(options);
  const bar = progress(context, 'Fitting', options.folds * grid.l1.length * grid.l2.length, 'fits');
  // Which penalties, the grid says.
  const fit = {
    ...descentOptions(fitOptions(options, { l1: 0, l2: 0 }), place, context.signal),
    l1: undefined,
    l2: undefined,
  };
  try {
    return await crossValidate(X, y, {
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
  } finally {
    bar.stop();
  }
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
  await writeWhole(await openOutput(output, context.signal), modelText(fittedModel(fitted, asked)));
}
