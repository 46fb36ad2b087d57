import { blocks } from '../../tables/encoder/blocks';
import { openSource } from '../../tables/files/source';
import { readingFor } from '../../tables/encoder/trained';
import { type HsaOverride, openDevice } from '../../index';
import { ThalwegError } from '../../base/errors';
import { type Context, note, print, printJson } from '../terminal/context';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { progress } from '../terminal/progress';
import { lossText, scoreText } from '../terminal/report';
import { scoreTable } from '../fit/score-table';
import { readTrained } from './trained-neuron';

/** What `thalweg evaluate` can be given besides the model and the data. */
export interface EvaluateOptions {
  readonly device: string;
  readonly hsaOverride?: HsaOverride;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Prints how well a model meets the targets of a data file. */
export async function evaluate(
  modelFile: string,
  data: string,
  options: EvaluateOptions,
  context: Context,
): Promise<number> {
  const { neuron, encoder } = await readTrained(modelFile);
  if (encoder === undefined) throw withoutTarget(modelFile);
  const source = await openSource(data, context.signal);
  try {
    const { reading, fileRows } = await readingFor(source, encoder, { withTarget: true });
    const device = await openDevice(options.device, deviceOptions(options));
    try {
      const bar = progress(context, 'Scoring', fileRows, 'rows');
      const { score, dropped } = await scoreTable(neuron, blocks(source, reading), device, bar);
      const { activation } = neuron;
      if (context.json) {
        const [name, value] = activation === 'sigmoid' ? ['accuracy', score.score] : ['r2', score.score];
        printJson({
          device: device.info.id,
          rows: score.count,
          dropped,
          overflowed: score.overflowed,
          [name]: value,
          loss: score.meanLoss,
        });
      } else {
        print(scoreText(activation, score, `${counted(score.count, 'row')} of ${source.name}`));
        print(lossText(activation, score.meanLoss));
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
    `${path} is a neuron alone, which names no columns and no target. ` +
      'Give a model that thalweg fit --output wrote, or score it with Neuron.score.',
    { path },
  );
}
