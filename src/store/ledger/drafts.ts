interface Draft<Row> {
  readonly row: Row;
  /** Whether the store does not hold it like this. */
  readonly changed: boolean;
}

/** Working copies of rows by key, with an undo: rows are replaced, never altered. */
export class Drafts<Row> {
  readonly #drafts = new Map<string, Draft<Row>>();
  #undo: { readonly key: string; readonly before: Draft<Row> | undefined }[] = [];

  /** Takes in a row as the store holds it. */
  load(key: string, row: Row): void {
    this.#drafts.set(key, { row, changed: false });
  }

  get(key: string): Row | undefined {
    return this.#drafts.get(key)?.row;
  }

  put(key: string, row: Row): void {
    this.#undo.push({ key, before: this.#drafts.get(key) });
    this.#drafts.set(key, { row, changed: true });
  }

  /** What was put is there to stay. */
  keep(): void {
    this.#undo = [];
  }

  /** Takes back what was put since the last `keep`. */
  rollBack(): void {
    for (const { key, before } of this.#undo.reverse()) {
      if (before === undefined) this.#drafts.delete(key);
      else this.#drafts.set(key, before);
    }
    this.#undo = [];
  }

  /** Rows to write: those that are loaded first, then new ones in the order in which they were put. */
  changed(): Row[] {
    const rows: Row[] = [];
    for (const { row, changed } of this.#drafts.values()) if (changed) rows.push(row);
    return rows;
  }
}
