import { columnNames } from '../../model/features';
import type { ModelJSON } from '../../model/format';
import { learnedOf } from '../../model/learned';

/**
 * The weights, n×K, and the biases, K, as float64, in the format of safetensors; what they are of stands in its metadata: the
 * columns of X, activation, classes, and as `model` the whole model's file.
 */
export function safetensorsOf(model: ModelJSON): Uint8Array {
  const { activation, classes, parameters } = learnedOf(model);
  const { theta, intercepts } = parameters;
  const outputs = intercepts.length;
  const columns = model.features?.flatMap(columnNames);
  const ends = [theta.byteLength, theta.byteLength + intercepts.byteLength] as const;
  const metadata = {
    format: 'thalweg-model',
    activation,
    ...(columns === undefined ? {} : { columns: JSON.stringify(columns) }),
    ...(classes === undefined ? {} : { classes: JSON.stringify(classes) }),
    model: JSON.stringify(model),
  };
  const header = JSON.stringify({
    __metadata__: metadata,
    weights: { dtype: 'F64', shape: [theta.length / outputs, outputs], data_offsets: [0, ends[0]] },
    biases: { dtype: 'F64', shape: [outputs], data_offsets: ends },
  });
  const bytes = new TextEncoder().encode(header);
  // Tensors begin at a multiple of 8; spaces may stand before them.
  const padded = Math.ceil(bytes.length / 8) * 8;
  const file = new Uint8Array(8 + padded + ends[1]).fill(0x20, 8, 8 + padded);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  file.set(bytes, 8);
  for (const [at, value] of [...theta, ...intercepts].entries())
    view.setFloat64(8 + padded + 8 * at, value, true);
  return file;
}
