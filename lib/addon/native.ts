import type { LayerActivationName } from '../objective/activations';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type { Dtype, LayerParameters } from '../base/data-types';
import type { Method } from '../method/method';
import type { Schedule } from '../method/schedules';
import type { Objective } from '../objective/objective';
import type { Codes, CompressedBlock, Floats } from '../rows/row-source';
import type { Backend, DeviceInfo } from './device-info';
import type * as NativeLoader from './native-loader';
import type { Settings } from './settings';

/** A job of the addon that can be cancelled; its promise then rejects with the code 'CANCELLED'. */
export interface NativeJob<Result> {
  readonly promise: Promise<Result>;
  cancel(): void;
  /** As {@link NativeDevice.giveUp}, of who has cancelled this job and waited for its end. */
  giveUp(): boolean;
}

/** Where a matrix is wished to be, and where what is on disk goes. */
export interface NativePlacing {
  readonly residency: 'auto' | 'device' | 'host' | 'disk';
  readonly spoolFolder: string;
  /** Bytes of what is on disk that stay in memory; left out: what can be spared. */
  readonly spoolMemory?: number;
}

export interface NativeMatrix {
  /** Where its rows are. */
  readonly residency: 'device' | 'host' | 'disk';
  /** Whether it has sparse columns, and takes them as what they are; otherwise they are to be written out. */
  readonly isSparse: boolean;
  /** About how many bytes to append at once, for the cores to share. */
  readonly sliceBytes: number;
  /**
   * Copies and checks whole rows before it returns, with all cores where that pays; resolves when they are on the device.
   */
  append(rows: Float32Array | Float64Array | undefined, sparse?: NativeSparseRows): Promise<void>;
  read(firstRow: number, rows: number): Promise<Float32Array | Float64Array>;
  dispose(): void;
}

/** native/device/layout.h */
export interface NativeLayout {
  readonly dense: number;
  readonly levels: Float64Array;
  readonly compressed: number;
  readonly entries: number;
  readonly means?: Float64Array;
  readonly scales?: Float64Array;
  readonly places?: Uint32Array;
}

/** The sparse columns of rows, whose dense ones go with them. */
export interface NativeSparseRows extends Partial<CompressedBlock> {
  readonly rows: number;
  readonly codes: readonly Codes[];
}

/** How much each row counts, m×1; left out: 1. */
interface NativeWeights {
  readonly weights?: NativeMatrix;
}

/** What is minimised, and where it begins or is asked for. */
export type NativeObjective = Objective & Partial<LayerParameters> & NativeWeights & NativeOfRanks;

/** Whether the rows are a share of those of all ranks. */
interface NativeOfRanks {
  readonly ofRanks?: boolean;
}

type Choice =
  'learningRate' | 'schedule' | 'averageEvery' | 'mostPasses' | 'tolerance' | 'maxSeconds' | 'seed' | 'plan';

/** A method's undefined is left out here, and 'auto' is decided. */
export interface NativeDescentOptions
  extends Objective, Partial<LayerParameters>, NativeWeights, NativeOfRanks, Omit<Method, Choice> {
  readonly learningRate?: number;
  readonly schedule?: Schedule;
  readonly averageEvery?: number;
  readonly mostPasses?: number;
  readonly tolerance?: number;
  readonly maxSeconds?: number;
  readonly seed?: number;
  readonly plan: 'fused' | 'gram';
  readonly from?: NativeState;
  readonly held?: NativeHeld;
}

/** Where a descent stands: native/descent/state.h. */
export interface NativeState extends LayerParameters {
  readonly moments: Float64Array;
  readonly steps: number;
  readonly passes: number;
  readonly learningRate: number;
  readonly lastLoss?: number;
  readonly features: number;
  readonly targets: number;
  readonly byPasses: boolean;
  readonly draws: { readonly generator: Uint32Array; readonly before: number; readonly done: number };
  readonly best?: LayerParameters & {
    readonly loss: number;
    readonly passes: number;
    readonly waited: number;
  };
}

/** Rows to validate with, and how they stop a descent. */
export interface NativeHeld extends NativeWeights {
  readonly X: NativeMatrix;
  readonly y: NativeMatrix;
  readonly every: number;
  readonly patience?: number;
  readonly minDelta: number;
  readonly restoresBest: boolean;
}

export interface NativeDescent {
  readonly theta: Float64Array;
  readonly intercepts: Float64Array;
  readonly loss: Float64Array;
  readonly iterations: number;
  readonly stopped: 'completed' | 'converged' | 'early';
  readonly plan: 'fused' | 'gram' | 'sequential' | 'local';
  readonly learningRate?: number;
  readonly seconds: number;
  readonly validationLoss?: Float64Array;
  readonly best?: { readonly loss: number; readonly passes: number };
  readonly state: NativeState;
}

/** Rows of which each part is in matrices of its own. */
export interface NativePart extends NativeWeights {
  readonly X: NativeMatrix;
  readonly y: NativeMatrix;
}

/** native/descent/parts.h */
export interface NativePartsOptions extends NativeDescentOptions {
  readonly standardize: boolean;
  /** The loss and the size of the gradient. */
  readonly atZero?: Float64Array;
  /** The moments of a descent over the same rows, and its penalty. */
  readonly memory?: Float64Array;
  readonly l2Before?: number;
  /** What its last pass found: x, the gradient and the loss. */
  readonly passed?: Float64Array;
  /** Weights and intercepts where the optimum may be. */
  readonly guess?: Float64Array;
  /** Whether weights are given away, and not losses alone. */
  readonly givesWeights?: boolean;
  /** `products` of all rows, of which the parts are some, and how many these are. */
  readonly products?: Float64Array;
  readonly rows?: number;
}

/** Its weights are for columns less their means, over their scales. */
export interface NativePartsDescent extends NativeDescent {
  readonly means: Float64Array;
  readonly scales: Float64Array;
  readonly atZero: Float64Array;
  /** Where a pass was made. */
  readonly passed?: Float64Array;
}

export interface NativeLossGradient {
  readonly gradient: Float64Array;
  readonly interceptGradients: Float64Array;
  readonly loss: number;
}

export type NativeProgress = (passes: number, loss: number, seconds: number) => void;

/** Which kernels rows of so many columns take, as text, and how many of them at a time. */
export interface NativePlan {
  readonly gradient: string;
  readonly forward: string;
  /** 'passes' where batches are passes of their own. */
  readonly steps: string;
  /** The step after a pass. */
  readonly update: string;
  /** Rows that a group takes at once. */
  readonly tileRows: number;
  /** Of a gradient pass. */
  readonly groups: number;
  /** The most rows of a launch, and of an allocation. */
  readonly launchRows: number;
  readonly allocationRows: number;
}

export interface NativeDevice {
  readonly info: DeviceInfo;
  /** The parameters that can be measured, by name, as they stood when it was opened; none on the CPU device. */
  readonly settings: Readonly<Record<string, number>>;
  /** Computes with these from now on, and with the defaults for those left out; resolves with what that came to. */
  configure(settings: Settings): Promise<Readonly<Record<string, number>>>;
  /** Whether equal steps may be captured as graphs. */
  readonly recordsSteps: boolean;
  /** Whether matrices may have sparse columns. */
  readonly holdsSparseColumns: boolean;
  /** What is planned for so many rows of 1, 2, … `mostColumns` columns; none on the CPU device. */
  plans(dtype: Dtype, rows: number, mostColumns: number, batchSize: number): Promise<NativePlan[]>;
  /**
   * @param layout of sparse columns; undefined: all are dense
   * @param placing undefined: in the device's memory
   */
  createMatrix(
    rows: number,
    columns: number,
    dtype: Dtype,
    layout?: NativeLayout,
    placing?: NativePlacing,
  ): Promise<NativeMatrix>;
  descend(
    X: NativeMatrix,
    y: NativeMatrix,
    options: NativeDescentOptions,
    progress?: NativeProgress,
    /** Called with a state about every `checkpointSeconds`. */
    checkpoint?: (state: NativeState) => void,
    checkpointSeconds?: number,
  ): NativeJob<NativeDescent>;
  /** Resolves with undefined where a descent over one matrix is more exact, or has more to say. */
  descendOverParts(
    parts: readonly NativePart[],
    options: NativePartsOptions,
  ): NativeJob<NativePartsDescent | undefined>;
  /** AᵀWA of A = [X, 1, y]; resolves with undefined where values are not taken as they are. */
  products(part: NativePart, options: NativeDescentOptions): NativeJob<Float64Array | undefined>;
  /** Where a matrix would be. */
  placeOf(
    rows: number,
    columns: number,
    dtype: Dtype,
    placing: NativePlacing,
  ): Promise<'device' | 'host' | 'disk'>;
  lossGradient(X: NativeMatrix, y: NativeMatrix, objective: NativeObjective): NativeJob<NativeLossGradient>;
  predict(
    X: NativeMatrix,
    theta: Float64Array,
    intercepts: Float64Array,
    activation: LayerActivationName,
  ): NativeJob<Float64Array>;
  /** Reads X so many times and does nothing else: what a pass is measured against. `sum` is that of its 32-bit words. */
  readWords(X: NativeMatrix, times: number): NativeJob<{ readonly sum: number; readonly seconds: number }>;
  /**
   * Leaves the device behind where it is stuck in something that is never long: all that wait for it reject with
   * ERR_DEVICE_LOST. Returns whether it did. For those who have waited for `patience`.
   */
  giveUp(): boolean;
  close(): Promise<void>;
}

export interface NativeDeviceSettings {
  /** The backend to open, or the only one whose driver is asked. */
  readonly backend?: Backend;
  readonly index?: number;
  readonly threads?: number;
  readonly cpuLevel?: string;
  readonly openclLibrary?: string;
  readonly hipLibrary?: string;
  readonly cacheFolder?: string;
  readonly kernelShape?: string;
  readonly maxAllocationBytes?: number;
  /** 'off': as on a device that has none. */
  readonly float64?: string;
  /** 'off': no graphs of steps; 'on': also where plain launches are faster. */
  readonly graphs?: string;
  readonly measured?: Settings;
}

/** One thing that was looked at while looking for devices. */
export interface NativeFinding {
  readonly code: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** Commands or steps that mend it. */
  readonly fix: readonly string[];
}

export interface NativeDriverSurvey {
  /** Of the runtime, or of the first platform; absent where there is no driver. */
  readonly version?: string;
  /** The library, what it offers, and devices that cannot be used. */
  readonly findings: readonly NativeFinding[];
}

export interface NativeSurvey {
  readonly devices: readonly DeviceInfo[];
  readonly hip: NativeDriverSurvey;
  readonly opencl: NativeDriverSurvey;
}

/** The seeded index sequences of the descents. */
export interface NativeIndexStream {
  randint(bound: number, count: number): Uint32Array;
  permutation(count: number): Uint32Array;
}

/** What one program of kernels is compiled from: files of kernels/ after a prelude, and `NAME=VALUE` definitions. */
export interface NativeKernelProgram {
  readonly dtype: Dtype;
  readonly files: readonly string[];
  readonly defines: readonly string[];
}

/** What a folder of private files is good for; native/private_folder.h says what makes one. */
export interface NativeFolder {
  readonly kind: 'ready' | 'absent' | 'unsafe' | 'failed';
  /** Why it is unsafe, or failed. */
  readonly why?: string;
  /** Why nothing can be written there, where it is ready. */
  readonly notWritable?: string;
  /** The names of what is ignored there, since another user may have written it. */
  readonly untrusted: readonly string[];
}

/** Files that nobody else can have written. */
export interface PrivateFiles {
  /** @param make Makes the folder where it is missing. */
  inspectFolder(folder: string, make: boolean): Promise<NativeFolder>;
  /** A file's text; undefined where there is none, null where it is not to be believed or larger than `largest` bytes. */
  readPrivate(folder: string, name: string, largest: number): Promise<string | undefined | null>;
  /** Makes the folder where it is missing; resolves with why the file is not written, or an empty text. */
  writePrivate(folder: string, name: string, text: string): Promise<string>;
}

/** Sums of scores: native/binding/scores.h. */
export interface NativeScores {
  classScores(level: string, y: Floats, z: Floats, weights: Floats | undefined): Float64Array;
  valueScores(
    level: string,
    y: Floats,
    outputs: Floats,
    weights: Floats | undefined,
    unit: number,
    origin: number,
  ): Float64Array;
}

/** The ranks of this process: native/binding/ranks.h. The promises wait for all ranks. */
export interface NativeRanks {
  /** Loads what joins the addon to MPI, and starts that. */
  startRanks(bridge: string): { readonly rank: number; readonly size: number; readonly library: string };
  /** The status that the process ends with. */
  endRanks(code: number): void;
  gatherFromRanks(text: string): Promise<string[]>;
  sumOverRanks(values: Float64Array): Promise<Float64Array>;
  /** Resolves when all know. */
  failBeforeRanks(message: string): Promise<void>;
}

export interface Addon extends PrivateFiles, NativeScores, NativeRanks {
  /** Every program that a device of these limits may compile; of those for rows with weights one a kernel file and dtype. */
  kernelPrograms(device: {
    readonly shape: 'wide' | 'rows';
    readonly isa: string;
    readonly groupSize: number;
    readonly localBytes: number;
    readonly float64: boolean;
  }): NativeKernelProgram[];
  listDevices(settings: NativeDeviceSettings): Promise<NativeSurvey>;
  openDevice(settings: NativeDeviceSettings): Promise<NativeDevice>;
  /**
   * Sets a variable in the process's own environment, before any driver reads it: 'kept' where the user has set it to
   * another value (and outside Linux), 'too late' where a driver is loaded.
   */
  setDriverVariable(name: string, value: string): 'set' | 'kept' | 'too late';
  /** A variable as drivers see it; in a worker process.env is a copy. */
  driverVariable(name: string): string | undefined;
  /**
   * Stops the threads of every device, for good: what runs is cancelled and never settles. Waits for them, but not
   * longer than `patience`.
   */
  stop(): void;
  /** How many milliseconds a device has to stop before it is left behind. */
  readonly patience: number;
  readonly IndexStream: new (seed: number) => NativeIndexStream;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const nativeLoader = lazily(() => require('./native-loader') as typeof NativeLoader);

let loaded: Addon | undefined;

const loadedAddons = Symbol.for('thalweg.loadedAddons');

/**
 * Stops the devices' threads before the process exits: a driver that is still being loaded, or at work, while its own
 * exit handlers run crashes the process. One listener serves however often this module is loaded anew.
 */
function stopAtExit(addon: Addon): void {
  const holder = process as { [loadedAddons]?: Addon[] };
  const known = holder[loadedAddons];
  if (known !== undefined) {
    known.push(addon);
    return;
  }
  const addons = [addon];
  holder[loadedAddons] = addons;
  process.once('exit', () => {
    for (const each of addons) each.stop();
  });
}

/**
 * The compiled addon, loaded at first use.
 *
 * @throws ThalwegError ERR_ADDON_NOT_FOUND where none fits this machine.
 */
export function addon(): Addon {
  try {
    if (loaded === undefined) {
      loaded = nativeLoader().loadAddon() as Addon;
      stopAtExit(loaded);
    }
    return loaded;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ThalwegError('ERR_ADDON_NOT_FOUND', message, { cause });
  }
}
