import type { Dtype, LayerParameters } from '../../base/data-types';
import type { Device, MatrixLike } from '../../devices/device';
import { outputs as outputsOn } from '../../engine/outputs';
import { rowsOf } from '../../engine/operands';
import { lossGradient } from '../../training/loss-gradient';
import { firstOutOfBounds } from '../compare';
import { Uniform, exactIn, floats } from '../data';
import type { Fault, Group } from '../group';
import { type OutputKind, type OutputsData, lossGradientOf, outputKinds, outputsOf } from '../plain-outputs';

export interface OutputsValues {
  readonly [name: string]: string | number;
  readonly activation: OutputKind;
  readonly outputs: number;
  /** About how large |z| gets. */
  readonly reach: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** Both sides of what kernels hold at once of outputs, columns and rows. */
const sizes: readonly (readonly [outputs: number, m: number, n: number])[] = [
  ...([2, 3, 4, 5, 10, 16, 17, 40] as const).map((outputs) => [outputs, 131, 33] as const),
  ...([1, 8, 31, 32, 64, 65, 128, 256, 257, 1024] as const).map((n) => [3, 67, n] as const),
  ...([1, 2, 63, 64, 65, 5000] as const).map((m) => [10, m, 20] as const),
  [17, 1031, 300],
];

export const outputs: Group<OutputsValues> = {
  name: 'outputs',
  what: 'passes over rows of several outputs',
  like: { activation: 'softmax', outputs: 3, reach: 4, m: 131, n: 33, dtype: 'float32', seed: 1 },
  words: { activation: outputKinds },
  cases: (target) =>
    Promise.resolve(
      target.dtypes.flatMap((dtype) =>
        outputKinds.flatMap((activation) => [
          ...sizes.map(([outputs, m, n]) => ({ activation, outputs, reach: 4, m, n, dtype, seed: m + n })),
          { activation, outputs: 5, reach: 500, m: 131, n: 7, dtype, seed: 1 },
        ]),
      ),
    ),
  run: ({ device }, values) => outputsFault(device, values),
};

/** Rows and labels or targets, and θ. */
export interface OutputsProblem {
  readonly data: OutputsData;
  readonly at: LayerParameters;
}

/** θ so that z is about as large as `reach`. */
export function outputsProblem({
  activation,
  outputs,
  reach,
  m,
  n,
  dtype,
  seed,
}: OutputsValues): OutputsProblem {
  const random = new Uniform(seed);
  const signed = (count: number, scale: number): Float64Array =>
    exactIn(
      dtype,
      random.array(count, () => scale * random.signed()),
    );
  const X = signed(m * n, 1);
  const softmax = activation === 'softmax';
  const y = softmax ? random.array(m, () => random.integer(0, outputs - 1)) : signed(m * outputs, 1);
  const at = { theta: signed(n * outputs, (2 * reach) / Math.sqrt(n)), intercepts: signed(outputs, 1) };
  return { data: { kind: activation, X, y, m, n }, at };
}

/** What a device is given of it. */
export function outputsOperands(
  { activation, outputs, dtype }: OutputsValues,
  { X, y, m, n }: OutputsData,
): {
  readonly X: { readonly data: Float32Array | Float64Array; readonly shape: [number, number] };
  readonly y: { readonly data: Float32Array | Float64Array; readonly shape: [number, number] };
  readonly objective: object;
} {
  const softmax = activation === 'softmax';
  return {
    X: { data: floats(dtype, X), shape: [m, n] },
    y: { data: floats(dtype, y), shape: [m, softmax ? 1 : outputs] },
    objective: { activation, ...(softmax ? { classes: outputs } : {}), fitIntercept: true },
  };
}

/**
 * What is wrong with a device's outputs, their loss and its gradient.
 *
 * @param held Rows of its own that hold those of the problem; left out: rows in JavaScript memory.
 */
export async function outputsFault(
  device: Device,
  values: OutputsValues,
  { data, at }: OutputsProblem = outputsProblem(values),
  held?: MatrixLike,
): Promise<Fault> {
  const { activation, dtype } = values;
  const { X: given, y, objective } = outputsOperands(values, data);
  const X = held ?? given;
  const got = await outputsOn(rowsOf('X', X), at, activation, { device, dtype });
  const { right, bounds } = outputsOf(dtype, data, at);
  const slopes = await lossGradient(X, y, {
    ...objective,
    theta: at.theta,
    intercept: at.intercepts,
    device,
  });
  const pass = lossGradientOf(dtype, data, at);
  return (
    firstOutOfBounds('output', got, right, (j) => bounds[j] as number) ??
    firstOutOfBounds('the loss', [slopes.loss], [pass.right.loss], () => pass.bounds.loss) ??
    firstOutOfBounds(
      'gradient of the intercepts',
      slopes.interceptGradients,
      pass.right.interceptGradients,
      (k) => pass.bounds.interceptGradients[k] as number,
    ) ??
    firstOutOfBounds(
      'gradient',
      slopes.gradient,
      pass.right.gradient,
      (j) => pass.bounds.gradient[j] as number,
    )
  );
}
