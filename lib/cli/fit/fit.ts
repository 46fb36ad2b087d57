import { writeWhole } from '../../base/output-file';
import { modelText } from '../../model-files/model-file';
import type { Context } from '../terminal/context';
import type { DataSource } from '../terminal/data-options';
import type { FitOptions } from './fit-options';
import { printFit } from './fit-report';
import { fittedModel } from './fitted';
import { openOutput, requireOutput } from '../terminal/output';
import { train } from './train';
import { readWarmStart, startOf } from './warm-start';
import { withPrepared } from './with-prepared';
import { writeReport } from './write-report';

/** Trains a neuron on a data file, prints what it learned, and writes the model where one is asked for. */
export async function fit(from: DataSource, options: FitOptions, context: Context): Promise<number> {
  const { output, report, warmStart } = options;
  for (const file of [output, report]) if (file !== undefined) await requireOutput(file);
  const warm = warmStart === undefined ? undefined : await readWarmStart(warmStart);
  const known = warm?.encoder.features.map(({ name }) => name);
  await withPrepared(from, options, context, known, async (prepared) => {
    const start = warm && { name: warm.name, parameters: startOf(warm, prepared) };
    const fitted = await train({ ...prepared, start }, options, context);
    const model = fittedModel(fitted, options);
    context.signal.throwIfAborted();
    if (output !== undefined) await writeWhole(await openOutput(output, context.signal), modelText(model));
    if (report !== undefined) await writeReport(report, fitted, options, context);
    printFit(fitted, model, options, context);
  });
  return 0;
}
