/** The side of ½ that a target or an output of a sigmoid is on. */
export function classOf(probability: number): 0 | 1 {
  return probability >= 0.5 ? 1 : 0;
}

/** The number of the largest of the K values from `first` on; the first of equals, as in NumPy. */
export function largestOf(values: ArrayLike<number>, first: number, count: number): number {
  let largest = 0;
  for (let k = 1; k < count; k += 1)
    if ((values[first + k] as number) > (values[first + largest] as number)) largest = k;
  return largest;
}
