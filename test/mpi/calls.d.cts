import type { DataOptions } from './data.cjs';

/** A call of the library, which one process and several make alike. */
export interface Call {
  readonly name: string;
  readonly call: 'lossGradient' | 'batchGradientDescent' | 'miniBatchGradientDescent' | 'neuron' | 'layer';
  readonly data: DataOptions;
  readonly options: Readonly<Record<string, unknown>>;
  readonly model?: object;
  readonly weighted?: boolean;
  /** Whether X is CSR. */
  readonly compressed?: boolean;
  /** Of rows over ranks. */
  readonly division?: string;
  /** Ends a descent after so many passes, to go on from the checkpoint. */
  readonly cut?: { readonly passes: number; readonly path: string };
}
export function make(
  thalweg: object,
  sample: object,
  description: object,
  world?: object,
): Promise<{
  theta: number[];
  intercepts: number[];
  loss: number[];
  plan?: string;
  converged?: boolean;
  validationLoss?: number[];
  best?: { loss: number; iteration?: number; epoch?: number };
  stopped?: string;
}>;
