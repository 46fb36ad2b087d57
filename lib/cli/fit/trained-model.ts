import { readModel } from '../../model-files/model-file';
import type { TableModel } from '../../model-files/model-schema';
import { type Learned, learnedOf } from '../../model/learned';

/** What a model's file holds. */
export interface TrainedModel {
  readonly learned: Learned;
  /** How the columns of a table become its inputs, where the model has names for them. */
  readonly encoder: TableModel | undefined;
}

/**
 * Reads a model's file, or what `JSON.stringify` gives of a neuron or a layer.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read, `ERR_MODEL` at the field that does not fit
 */
export async function readTrained(path: string): Promise<TrainedModel> {
  const model = await readModel(path);
  const hasColumns = model.features !== undefined;
  return { learned: learnedOf(model), encoder: hasColumns ? (model as TableModel) : undefined };
}
