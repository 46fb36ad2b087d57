/** The first component that is out of its bound, as text: its name, what it is and what it should be. */
export function firstOutOfBounds(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  boundOf: (j: number) => number,
): string | undefined {
  if (got.length !== expected.length)
    return `${what} has ${got.length} values, and should have ${expected.length}`;
  for (let j = 0; j < expected.length; j += 1) {
    const value = got[j] as number;
    const right = expected[j] as number;
    const bound = boundOf(j);
    const name = expected.length === 1 ? what : `${what}[${j}]`;
    // Not ≥: what is no number is off, too.
    if (!(Math.abs(value - right) <= bound))
      return `${name} is ${value}, not ${right} (off by ${Math.abs(value - right).toPrecision(3)}, bound ${bound.toPrecision(3)})`;
  }
  return undefined;
}

/** The first component whose bits differ, as text. */
export function firstOtherBits(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
): string | undefined {
  if (got.length !== expected.length)
    return `${what} has ${got.length} values, and should have ${expected.length}`;
  for (let j = 0; j < expected.length; j += 1) {
    if (Object.is(got[j], expected[j])) continue;
    return `${what}[${j}] is ${String(got[j])}, not ${String(expected[j])} to the bit`;
  }
  return undefined;
}
