import { blocks } from '../../tables/encoder/blocks';
import { openSource } from '../../tables/files/source';
import { readingFor } from '../../tables/encoder/trained';
import { type HsaOverride, Neuron, openDevice } from '../../index';
import { readModel } from '../../model-files/model-file';
import { type Context, note, print, printJson } from '../terminal/context';
import { counted } from '../terminal/format';
import { deviceOptions } from '../terminal/options';
import { progress } from '../terminal/progress';
import { lossText, scoreText } from '../terminal/report';
import { scoreTable } from '../fit/score-table';

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
  const model = await readModel(modelFile);
  const source = await openSource(data, context.signal);
  try {
    const { reading, fileRows } = await readingFor(source, model, { withTarget: true });
    const device = await openDevice(options.device, deviceOptions(options));
    try {
      const bar = progress(context, 'Scoring', fileRows, 'rows');
      const neuron = new Neuron(model.neuron);
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
