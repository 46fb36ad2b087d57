import type { ActivationName, LayerActivationName } from '../objective/activations';
import type { Encoder } from './features';
import type { Label } from '../base/data-types';

type Loosely<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined };

/** What a model's file holds, as far as a prediction needs it. */
export interface ModelJSON extends Loosely<Encoder> {
  readonly format: 'thalweg-model';
  readonly version: 1 | 2;
  /** Columns that an object does not have are 0, as in the SVMlight files that it was trained on. */
  readonly sparse?: true | undefined;
  /** One output. */
  readonly neuron?:
    | {
        readonly weights: readonly number[];
        readonly bias: number;
        readonly activation: ActivationName;
        readonly classes?: readonly Label[] | undefined;
      }
    | undefined;
  /** Several: n rows of K weights, and K biases. */
  readonly layer?:
    | {
        readonly weights: readonly (readonly number[])[];
        readonly biases: readonly number[];
        readonly activation: LayerActivationName;
        readonly classes?: readonly Label[] | undefined;
      }
    | undefined;
}
