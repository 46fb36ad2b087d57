import type { Dtype } from '../base/data-types';
import type { Device, Matrix } from '../devices/device';
import type { Residency } from '../devices/residency';
import type { Method } from '../method/method';
import type { Ranks } from '../mpi/world';
import type { Objective } from '../objective/objective';
import type { RowSource } from '../rows/rows';
import type { FullState } from './state';

/** Where a call computes and in which arithmetic. */
export interface Placement {
  readonly device: string | Device;
  /** Undefined: that of X. */
  readonly dtype: Dtype | undefined;
  /** Of X, and of that to validate with; undefined: in the device's memory. */
  readonly residency?: Residency | undefined;
}

/** Where a descent begins. */
export interface Start {
  /** Undefined: zeros. */
  readonly theta: Float64Array | undefined;
  /** Undefined: zeros. */
  readonly intercepts: Float64Array | undefined;
}

/** What a descent is asked to do. */
export interface Task {
  readonly objective: Objective;
  readonly method: Method;
  readonly start: Start;
  /** What it goes on from, in place of the start. */
  readonly resumeFrom: FullState | undefined;
  readonly validation: Validation | undefined;
  /** Whether X is scaled on its way to the device. */
  readonly standardized?: boolean;
  /** Those whose rows count together with these; undefined: none. */
  readonly ranks?: Ranks | undefined;
  /** Of all ranks together, where there are several. */
  readonly allRows?: number;
  readonly placement: Placement;
}

/** Rows to validate with. */
export interface ValidationRows {
  /** m'×n */
  readonly X: RowSource | Matrix;
  /** m'×1 */
  readonly y: RowSource | Matrix;
  /** How much each counts, m'×1; undefined: 1. */
  readonly weights?: RowSource | Matrix | undefined;
}

/** How a descent is stopped by its loss on rows that it does not learn from. */
export interface Validation {
  /** Those given; or `share` of X's. */
  readonly rows: ValidationRows | undefined;
  readonly share: number | undefined;
  /** Iterations between two; 1 where epochs are counted. */
  readonly every: number;
  /** Undefined: it is not stopped. */
  readonly patience: number | undefined;
  readonly minDelta: number;
  readonly restoresBest: boolean;
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
