import { lazily } from '../../base/lazily';
import { writeWhole } from '../../base/output-file';
import type { Ranks } from '../../mpi/world';
import { modelText } from '../../model-files/model-text';
import type { Context } from '../terminal/context';
import { type DataSource, filesGiven } from '../terminal/data-options';
import type { FitOptions } from './fit-options';
import { printFit } from './fit-report';
import { fittedModel } from './fitted';
import { overLaunched, refuseAlone, refuseOverRanks } from './ranks';
import { openOutput, requireOutput } from '../terminal/output';
import { train } from './train';
import { withPrepared } from './with-prepared';
import type * as WarmStart from './warm-start';
import type * as WriteReport from './write-report';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const warmStarts = lazily(() => require('./warm-start') as typeof WarmStart);
const reports = lazily(() => require('./write-report') as typeof WriteReport);
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * Trains a neuron on a data file, prints what it learned, and writes the model where one is asked for. Processes that `mpirun` or
 * `srun` has started do so together: each learns from a share of the rows, and the first prints and writes.
 */
export async function fit(from: DataSource, options: FitOptions, context: Context): Promise<number> {
  return await overLaunched(context, (own, ranks) => fitHere(from, options, own, ranks));
}

async function fitHere(
  from: DataSource,
  options: FitOptions,
  context: Context,
  ranks: Ranks | undefined,
): Promise<number> {
  const { output, report, warmStart } = options;
  if (ranks === undefined) refuseAlone(options);
  else refuseOverRanks(from, options, ranks);
  const speaks = ranks === undefined || ranks.rank === 0;
  const outputs = [output, report].filter((file) => file !== undefined && speaks) as string[];
  const inputs = outputs.length === 0 ? [] : await filesGiven(from);
  for (const file of outputs) await requireOutput(file, inputs);
  const warm = warmStart === undefined ? undefined : await warmStarts().readWarmStart(warmStart);
  const known = warm?.encoder.features.map(({ name }) => name);
  await withPrepared(from, options, context, { known, ranks }, async (prepared) => {
    const start = warm && { name: warm.name, parameters: warmStarts().startOf(warm, prepared) };
    const fitted = await train({ ...prepared, start }, options, context, ranks);
    if (!speaks) return;
    const model = fittedModel(fitted, options);
    context.signal.throwIfAborted();
    if (output !== undefined) await writeWhole(() => openOutput(output, context.signal), modelText(model));
    if (report !== undefined) await reports().writeReport(report, fitted, options, context);
    printFit(fitted, model, options, context);
  });
  return 0;
}
