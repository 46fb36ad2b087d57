/** Names of which no two are one. */
export class Names {
  readonly #taken: Set<string>;
  readonly #folded: (name: string) => string;

  /**
   * @param taken those that there are
   * @param folded what two names share that the format takes for one; left out: themselves
   */
  constructor(taken: readonly string[], folded: (name: string) => string = (name) => name) {
    this.#folded = folded;
    this.#taken = new Set(taken.map(folded));
  }

  /** That name, or with a number behind it where something has it, which nothing else has from now on. */
  unused(like: string, between = ' '): string {
    let name = like;
    for (let count = 2; this.#taken.has(this.#folded(name)); count += 1) name = `${like}${between}${count}`;
    this.#taken.add(this.#folded(name));
    return name;
  }
}
