/** What a report tells of: all that a fit knows when it is done, as plain values. */
export interface ReportData {
  /** Of the page: the data file and the target. */
  readonly source: string;
  readonly target: string;
  /** The names of the classes, where there are any. */
  readonly classes: readonly string[] | undefined;
  readonly activation: string;
  /** What repeats it, as typed. */
  readonly command: string;
  readonly thalweg: string;
  /** ISO 8601. */
  readonly created: string;
  readonly rows: RowCounts;
  /** What was guessed, dropped or not reached, in sentences. */
  readonly notes: readonly string[];
  readonly features: readonly FeatureSummary[];
  readonly weights: Weights;
  readonly training: TrainingSummary;
  readonly train: Outcome;
  /** On rows held out, where some are. */
  readonly holdout: Outcome | undefined;
}

/** How many rows of the data did what. */
export interface RowCounts {
  readonly file: number;
  readonly trained: number;
  /** Of those that are not held out, which training was stopped by. */
  readonly validated: number;
  readonly heldOut: number;
  readonly dropped: number;
}

/** What a column held. */
export interface FeatureSummary {
  readonly name: string;
  readonly kind: string;
  /** Mean and deviation, or how many levels. */
  readonly summary: string;
  readonly missing: number;
}

/** Weights for raw values by column, and times a standard deviation of it; of classes one each. */
export interface Weights {
  /** Of each output; one without a name. */
  readonly outputs: readonly (string | undefined)[];
  readonly intercepts: readonly number[];
  readonly columns: readonly {
    readonly name: string;
    readonly weights: readonly number[];
    readonly perDeviation: readonly number[];
  }[];
}

/** How it was trained. */
export interface TrainingSummary {
  /** Names and values that a person reads. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Why it has not converged, where it should have. */
  readonly notConverged: string | undefined;
  readonly unit: 'iterations' | 'epochs';
  readonly loss: ArrayLike<number>;
  /** After each of `unit`. */
  readonly validationLoss: ArrayLike<number> | undefined;
}

/** How well a model meets rows. */
export interface Outcome {
  /** Figures that a person reads, the score first: names and values. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  /** Of K classes, at i·K + j, what rows of class i that were taken for class j count together. */
  readonly confusion: Float64Array | undefined;
  /** Targets of the rows that pictures show: numbers, or the numbers of classes. */
  readonly y: Float64Array;
  /** Outputs: values, or probabilities of the second class; of K classes K a row. */
  readonly outputs: Float64Array;
  /** What each row counts; undefined: 1. */
  readonly weights: Float64Array | undefined;
}
