'use strict';

const count = 4;

/** Objects that operations share, by number, as promises: an operation that finds one failed just fails with it. */
class Slots {
  #held = new Array(count).fill(undefined);

  put(random, promise) {
    promise.catch(() => undefined);
    this.#held[random.below(count)] = promise;
  }

  /** Any of them, or undefined. */
  one(random) {
    return this.#held[random.below(count)];
  }

  /** Takes one out. */
  take(random) {
    const slot = random.below(count);
    const found = this.#held[slot];
    this.#held[slot] = undefined;
    return found;
  }

  all() {
    return this.#held.filter((promise) => promise !== undefined);
  }
}

module.exports = { Slots };
