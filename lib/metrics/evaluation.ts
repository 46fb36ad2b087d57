import type { LayerActivationName } from '../objective/activations';
import { ClassTally, type ClassesFound } from './class-tally';
import { Score, type Scoring } from './score';
import { scoreOf } from './scoring';
import { ValueTally, type ValuesFound } from './value-tally';

/** A score with all that can be said of it: of classes how they were told apart, of numbers how far off they are. */
export class Evaluation implements Scoring {
  readonly #score: Scoring;
  readonly #tally: ClassTally | ValueTally | undefined;

  /** @param outputs how many the model has */
  constructor(activation: LayerActivationName, outputs: number) {
    this.#score = scoreOf(activation, outputs);
    this.#tally = tallyOf(activation, outputs, this.#score);
  }

  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    this.#score.add(y, z, weights);
    this.#tally?.add(y, z, weights);
  }

  get count(): number {
    return this.#score.count;
  }

  get overflowed(): number {
    return this.#score.overflowed;
  }

  get isConstant(): boolean {
    return this.#score.isConstant;
  }

  get score(): number | null {
    return this.#score.score;
  }

  get meanLoss(): number | null {
    return this.#score.meanLoss;
  }

  /** Always the commonest class; undefined where there are none, and without rows. */
  trivialClass(): ClassesFound['trivial'] | undefined {
    return this.#tally instanceof ClassTally && this.count > 0 ? this.#tally.trivial : undefined;
  }

  /** Reckons it anew at each call: areas under curves take a sort. Undefined where there is no score. */
  found(): { readonly classes: ClassesFound } | { readonly values: ValuesFound } | undefined {
    if (this.score === null) return undefined;
    if (this.#tally instanceof ClassTally) return { classes: this.#tally.found() };
    return this.#tally && { values: this.#tally.found() };
  }
}

/** Of several numbers a row nothing more is said than their score. */
function tallyOf(
  activation: LayerActivationName,
  outputs: number,
  score: Scoring,
): ClassTally | ValueTally | undefined {
  if (activation === 'softmax') return new ClassTally(outputs);
  if (activation === 'sigmoid') return outputs === 1 ? new ClassTally(2) : undefined;
  return score instanceof Score ? new ValueTally(activation, score) : undefined;
}
