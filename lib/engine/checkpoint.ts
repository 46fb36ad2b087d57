import { fileName } from '../base/arguments';
import { lazily } from '../base/lazily';
import type { TrainingState } from './training-state';
import type * as StateFiles from './state-file';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const stateFiles = lazily(() => require('./state-file') as typeof StateFiles);

/**
 * The state that a `checkpoint` has written, checked, for `resumeFrom`.
 *
 * @param path of the file
 * @throws {@link ThalwegError} ERR_FILE where it cannot be read, ERR_STATE where it is not what was written
 *
 * @example
 * ```ts
 * import { readFile, rm } from 'node:fs/promises';
 * import { batchGradientDescent, readCheckpoint } from 'thalweg';
 *
 * const X = [[1, 1], [1, 2], [2, 2], [2, 3]];
 * const y = [6, 8, 9, 11];
 * const checkpoint = { path: 'state.json' };
 * await batchGradientDescent(X, y, { learningRate: 0.1, iterations: 600, checkpoint });
 * const resumeFrom = await readCheckpoint('state.json');
 * const { theta } = await batchGradientDescent(X, y, { learningRate: 0.1, iterations: 400, resumeFrom });
 * console.log(theta); // Float64Array(2) [ 2.09090909…, 2.54545454… ]
 * await rm('state.json');
 * ```
 */
export async function readCheckpoint(path: string): Promise<TrainingState> {
  return await stateFiles().readState(fileName('path', path));
}
