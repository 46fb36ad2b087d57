export function dataOf(options: {
  readonly seed: number;
  readonly rows: number;
  readonly columns: number;
  readonly targets?: string;
  readonly outputs?: number;
  /** Of the features. */
  readonly scale?: number;
}): { X: number[][]; y: number[] | number[][]; weights: number[] };
export function shareOf<Row>(
  rows: readonly Row[],
  world: { readonly rank: number; readonly size: number },
  division?: string,
): Row[];
export function numbersOf(seed: number): () => number;
