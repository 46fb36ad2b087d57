/** The numbers of those of so many rows that are chosen. */
export function rowsThat(rows: number, areChosen: (row: number) => boolean): Uint32Array {
  const chosen = new Uint32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) if (areChosen(row)) chosen[count++] = row;
  return chosen.slice(0, count);
}

/** Of numbers that rise those from the place `next` on that are below `end`. */
export function chosenBefore(chosen: Uint32Array, next: number, end: number): Uint32Array {
  let last = next;
  while (last < chosen.length && (chosen[last] as number) < end) last += 1;
  return chosen.subarray(next, last);
}
