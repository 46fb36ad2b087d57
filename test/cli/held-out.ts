/** The finaliser of MurmurHash3. */
function finalise(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whether `--holdout share --seed seed` keeps a row, counted from 1, out of training. */
export function isHeld(row: number, seed: number, share: number): boolean {
  return finalise(row ^ finalise(seed)) < share * 2 ** 32;
}
