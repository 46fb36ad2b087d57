import type { Label, NumericArray, VectorLike } from '../base/data-types';

/** Options of every metric. */
export interface MetricOptions {
  /** How much each row counts, m values of 0 or more, one of them above 0; default 1. */
  readonly sampleWeight?: VectorLike;
}

/** The labels of m rows: texts, booleans or whole numbers, all of one type. */
export type Labels = readonly Label[] | NumericArray;

/** How figures of classes become one: their mean, that by how often they are there, or that of all rows as one. */
export type ClassAverage = 'macro' | 'weighted' | 'micro';
