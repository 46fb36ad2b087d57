'use strict';

/** Scatters 32 bits: the finish of splitmix32. */
function mixed(bits) {
  let result = Math.imul(bits ^ (bits >>> 16), 0x21f0_aaad);
  result = Math.imul(result ^ (result >>> 15), 0x735a_2d97);
  return result ^ (result >>> 15);
}

const golden = 0x9e37_79b9;

/** Random numbers of one operation: they follow from the walk's seed and the operation's number alone. */
class Random {
  #state;

  constructor(seed, operation) {
    // Scattered twice: those of neighbours would be the same ones, a step apart.
    this.#state = mixed(mixed(seed + golden) ^ operation);
  }

  /** From 0 to 1. */
  next() {
    this.#state = (this.#state + golden) | 0;
    return (mixed(this.#state) >>> 0) / 2 ** 32;
  }

  /** From −1 to 1. */
  signed() {
    return 2 * this.next() - 1;
  }

  /** An integer from 0 to `count` − 1. */
  below(count) {
    return Math.floor(this.next() * count);
  }

  of(choices) {
    return choices[this.below(choices.length)];
  }

  chance(share) {
    return this.next() < share;
  }
}

module.exports = { Random };
