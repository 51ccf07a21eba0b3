interface Draft<Row> {
  readonly row: Row;
  /** Whether the store does not hold it like this. */
  readonly changed: boolean;
}

/**
 * Working copies of rows, with an undo: rows are replaced, never altered. Each is of a run, and has a name if a run has several. In
 * two steps, since the names come as texts of their own: to join the two at each step costs more than to look twice.
 */
export class Drafts<Row> {
  readonly #runs = new Map<string, Map<string, Draft<Row>>>();
  #undo: { readonly runId: string; readonly name: string; readonly before: Draft<Row> | undefined }[] = [];

  /** Takes in a row as the store holds it. */
  load(row: Row, runId: string, name = ''): void {
    this.#set(runId, name, { row, changed: false });
  }

  get(runId: string, name = ''): Row | undefined {
    return this.#runs.get(runId)?.get(name)?.row;
  }

  put(row: Row, runId: string, name = ''): void {
    const before = this.#set(runId, name, { row, changed: true });
    this.#undo.push({ runId, name, before });
  }

  /** What was put is there to stay. */
  keep(): void {
    if (this.#undo.length > 0) this.#undo = [];
  }

  /** Takes back what was put since the last `keep`. */
  rollBack(): void {
    for (const { runId, name, before } of this.#undo.reverse()) {
      if (before === undefined) this.#delete(runId, name);
      else this.#set(runId, name, before);
    }
    this.#undo = [];
  }

  /** Rows to write, run by run: those with loaded rows first, then new ones in the order in which they were put. */
  changed(): Row[] {
    const rows: Row[] = [];
    for (const drafts of this.#runs.values()) {
      for (const { row, changed } of drafts.values()) if (changed) rows.push(row);
    }
    return rows;
  }

  /** Gives what was there before. */
  #set(runId: string, name: string, draft: Draft<Row>): Draft<Row> | undefined {
    const known = this.#runs.get(runId);
    const before = known?.get(name);
    if (known) known.set(name, draft);
    else this.#runs.set(runId, new Map([[name, draft]]));
    return before;
  }

  /** A run whose rows are all taken back has no place in the order any more. */
  #delete(runId: string, name: string): void {
    const known = this.#runs.get(runId);
    known?.delete(name);
    if (known?.size === 0) this.#runs.delete(runId);
  }
}
