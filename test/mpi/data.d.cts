/** What rows are made of. */
export interface DataOptions {
  readonly seed: number;
  readonly rows: number;
  readonly columns: number;
  readonly targets?: string;
  readonly outputs?: number;
  /** Of the features. */
  readonly scale?: number;
  /** Of the targets, the most; 0.3 unless it is given. */
  readonly noise?: number;
}
export function dataOf(options: DataOptions): { X: number[][]; y: number[] | number[][]; weights: number[] };
export function shareOf<Row>(
  rows: readonly Row[],
  world: { readonly rank: number; readonly size: number },
  division?: string,
): Row[];
/** Rows that a call is given. */
export interface SampleRows {
  readonly X: number[][];
  readonly y: number[] | number[][];
  readonly weights: number[];
}
export function sampleOf(
  description: object,
  world?: { readonly rank: number; readonly size: number },
): SampleRows & { readonly held?: SampleRows };
export function numbersOf(seed: number): () => number;
