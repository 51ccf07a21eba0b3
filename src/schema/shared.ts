/** What was made of an object, as long as the object is there: what many ask for is made once. */
export class Shared<Source extends object, Made> {
  readonly #made = new WeakMap<Source, Map<string, Made>>();

  /** @param question What is to be made of it; the same text for the same. */
  get(source: Source, question: string, make: () => Made): Made {
    let made = this.#made.get(source);
    if (!made) {
      made = new Map();
      this.#made.set(source, made);
    }
    const known = made.get(question);
    if (known !== undefined) return known;
    const fresh = make();
    made.set(question, fresh);
    return fresh;
  }
}
