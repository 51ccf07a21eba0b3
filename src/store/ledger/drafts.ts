/** Working copies of rows by key, with an undo: rows are replaced, never altered. */
export class Drafts<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #changed = new Set<string>();
  #undo: { key: string; row: Row | undefined; changed: boolean }[] = [];

  /** Takes in a row as the store holds it. */
  load(key: string, row: Row): void {
    this.#rows.set(key, row);
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  put(key: string, row: Row): void {
    this.#undo.push({ key, row: this.#rows.get(key), changed: this.#changed.has(key) });
    this.#rows.set(key, row);
    this.#changed.add(key);
  }

  /** What was put is there to stay. */
  keep(): void {
    this.#undo = [];
  }

  /** Takes back what was put since the last `keep`. */
  rollBack(): void {
    for (const { key, row, changed } of this.#undo.reverse()) {
      if (row === undefined) this.#rows.delete(key);
      else this.#rows.set(key, row);
      if (!changed) this.#changed.delete(key);
    }
    this.#undo = [];
  }

  /** Rows to write, in the order in which they were first put. */
  changed(): Row[] {
    const rows: Row[] = [];
    for (const key of this.#changed) {
      const row = this.#rows.get(key);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }
}
