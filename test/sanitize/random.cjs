'use strict';

/** Random numbers of one operation: they follow from the walk's seed and the operation's number alone. */
class Random {
  #state;

  constructor(seed, operation) {
    this.#state = Math.imul(seed, 0x9e37_79b9) ^ Math.imul(operation + 1, 0x85eb_ca6b);
  }

  /** From 0 to 1: splitmix32. */
  next() {
    this.#state = (this.#state + 0x9e37_79b9) | 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0_aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a_2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
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
