import {
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../training/descents';
import { Interruption } from '../../engine/jobs';
import { lossGradient } from '../../training/loss-gradient';
import type { Resident } from '../data';
import type { Work } from './measure';

/** So small that no data diverges, however often it is stepped over. */
const LEARNING_RATE = 1e-9;
const SEED = 1;

/** Iterations of batch descent, a fused pass each. */
export function passes({ X, y }: Resident, signal: AbortSignal): Work {
  return async (count) => {
    const options = { learningRate: LEARNING_RATE, iterations: count, plan: 'fused', signal } as const;
    return (await batchGradientDescent(X, y, options)).seconds;
  };
}

/** Reads of X that do nothing else. */
export function reads({ X }: Resident, signal: AbortSignal): Work {
  return async (count) => {
    const job = X.device.native.readWords(X.native, count);
    return (await new Interruption(signal).run(X.device, job)).seconds;
  };
}

/** Epochs of steps of a row, or of `batchSize` rows, with the loss after each epoch. */
export function epochs({ X, y }: Resident, batchSize: number | undefined, signal: AbortSignal): Work {
  const options = { learningRate: LEARNING_RATE, seed: SEED, signal };
  return async (count) => {
    const descent =
      batchSize === undefined
        ? await stochasticGradientDescent(X, y, { ...options, epochs: count })
        : await miniBatchGradientDescent(X, y, { ...options, epochs: count, batchSize });
    return descent.seconds;
  };
}

/** One gradient at a time, each read back to JavaScript before the next. */
export function roundTrips({ X, y }: Resident, signal: AbortSignal): Work {
  const theta = new Float64Array(X.shape[1]);
  return async (count) => {
    const start = performance.now();
    for (let done = 0; done < count; done += 1) await lossGradient(X, y, { theta, signal });
    return (performance.now() - start) / 1000;
  };
}
