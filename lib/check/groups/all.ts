import type { Group } from '../group';
import { miniBatch, stochastic } from './batches';
import { blocks } from './blocks';
import { cache } from './cache';
import { gradient } from './gradient';
import { gram } from './gram';
import { graphs } from './graphs';
import { large } from './large';
import { loss } from './loss';
import { objectives } from './objectives';
import { optimizers } from './optimizers';
import { outputs } from './outputs';
import { predict } from './predict';
import { repeats } from './repeats';
import { sparse } from './sparse';
import { steps } from './steps';
import { sums } from './sums';
import { upload } from './upload';
import { weights } from './weights';

/** Every group, what others build on first: the first fault is then the plainest. */
export const groups = [
  ...[upload, cache, gradient, objectives, sums, predict, loss, outputs],
  ...[steps, stochastic, miniBatch, optimizers, gram, weights, sparse, blocks, graphs, repeats, large],
] as unknown as readonly Group[];

export const groupNames = groups.map(({ name }) => name);
