/** Uniform in [−1, 1), the same for the same seed: Marsaglia's xorshift on 32 bits. */
export function uniform(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state | 0) / 2 ** 31;
  };
}
