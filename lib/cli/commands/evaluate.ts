import { blocks } from '../../tables/encoder/blocks';
import { readingFor } from '../../tables/encoder/trained';
import { type HsaOverride, openDevice } from '../../index';
import { ThalwegError } from '../../base/errors';
import { type Context, note, print, printJson } from '../terminal/context';
import { type DataSource, openData } from '../terminal/data-options';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { progress } from '../terminal/progress';
import { lossText, scoreText, tellsClasses, weighted } from '../terminal/report';
import { scoreTable } from '../fit/score-table';
import { readTrained } from '../fit/trained-model';

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
  const { learned, encoder } = await readTrained(modelFile);
  if (encoder === undefined) throw withoutTarget(modelFile);
  const source = await openData(from, context);
  try {
    const { reading, fileRows } = await readingFor(source, encoder, {
      withTarget: true,
      weight: options.weight,
    });
    const device = await openDevice(options.device, deviceOptions(options));
    try {
      const bar = progress(context, 'Scoring', fileRows, 'rows');
      const { score, dropped } = await scoreTable(learned, blocks(source, reading), device, bar);
      const { activation } = learned;
      if (context.json) {
        printJson({
          device: device.info.id,
          rows: score.count,
          ...(options.weight === undefined ? {} : { weight: options.weight }),
          dropped,
          overflowed: score.overflowed,
          [tellsClasses(activation) ? 'accuracy' : 'r2']: score.score,
          loss: score.meanLoss,
        });
      } else {
        const rows = `${counted(score.count, 'row')} of ${source.name}`;
        const by = weighted(options.weight);
        print(`${scoreText(activation, score, rows)}${by}`);
        print(`${lossText(activation, score.meanLoss)}${by}`);
        if (dropped > 0) {
          note(
            context,
            `${counted(dropped, 'row')} not scored: a value is missing there, or a level that training did not see.`,
          );
        }
      }
    } finally {
      await device.close();
    }
  } finally {
    source.database.close();
  }
  return 0;
}

function withoutTarget(path: string): ThalwegError {
  return new ThalwegError(
    'ERR_MODEL',
    `${path} is a neuron or a layer alone, which names no columns and no target. ` +
      'Give a model that thalweg fit --output wrote, or score it with Neuron.score or Layer.score.',
    { path },
  );
}
