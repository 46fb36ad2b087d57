/** Room for the terms of a sum, which is used again for those of the next rows. */
export class Room {
  #values = new Float64Array(0);

  /** For at least `count` of them, in which anything may stand. */
  of(count: number): Float64Array {
    if (this.#values.length < count) this.#values = new Float64Array(count);
    return this.#values;
  }
}
