/**
 * NumPy's legacy generator (numpy.random.seed, randint, permutation), written from the published algorithm of
 * Matsumoto and Nishimura, "Mersenne Twister" (1998), independently of the addon's.
 */
export class NumpyRandom {
  readonly #state = new Uint32Array(624);
  #at = 624;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < 624; i += 1) {
      const previous = this.#word(i - 1);
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  #word(i: number): number {
    return this.#state[i % 624] as number;
  }

  #twist(): void {
    for (let i = 0; i < 624; i += 1) {
      const bits = (this.#word(i) & 0x8000_0000) | (this.#word(i + 1) & 0x7fff_ffff);
      this.#state[i] = this.#word(i + 397) ^ (bits >>> 1) ^ (bits & 1 ? 0x9908_b0df : 0);
    }
    this.#at = 0;
  }

  /** 32 bits. */
  next(): number {
    if (this.#at === 624) this.#twist();
    let bits = this.#word(this.#at);
    this.#at += 1;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c_5680;
    bits ^= (bits << 15) & 0xefc6_0000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }

  /** 0 to `largest`, both included, by masking and rejection. */
  #upTo(largest: number): number {
    const mask = largest === 0 ? 0 : 2 ** (32 - Math.clz32(largest)) - 1;
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= largest) return value;
    }
  }

  /** numpy.random.randint(bound) */
  randint(bound: number): number {
    return bound === 1 ? 0 : this.#upTo(bound - 1);
  }

  /** numpy.random.permutation(count) */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i -= 1) {
      const j = this.#upTo(i);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }
}
