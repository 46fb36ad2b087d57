import type { Dtype } from '../base/data-types';
import type { Device } from '../devices/device';
import type { Method } from '../method/method';
import type { Objective } from '../objective/objective';
import type { FullState } from './state';

/** Where a call computes and in which arithmetic. */
export interface Placement {
  readonly device: string | Device;
  /** Undefined: that of X. */
  readonly dtype: Dtype | undefined;
}

/** Where a descent begins. */
export interface Start {
  /** Undefined: zeros. */
  readonly theta: Float64Array | undefined;
  readonly intercept: number;
}

/** What a descent is asked to do. */
export interface Task {
  readonly objective: Objective;
  readonly method: Method;
  readonly start: Start;
  /** What it goes on from, in place of the start. */
  readonly resumeFrom: FullState | undefined;
  /** Whether X is scaled on its way to the device. */
  readonly standardized?: boolean;
  readonly placement: Placement;
}

/** Where a descent's states are kept on the way. */
export interface Checkpoint {
  readonly path: string;
  readonly everySeconds: number;
}

/** Who follows a call, and may end it. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  /** Passes done, the loss known last, seconds since it began; what it throws ends the descent. */
  readonly onProgress?: ((passes: number, loss: number, seconds: number) => void) | undefined;
}
