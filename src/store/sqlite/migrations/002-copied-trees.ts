/** A copy only ever alters what a copy has written, and nobody else since. */
export const copiedTrees = `
-- Trees that were brought in as rows, and the version that they got then.
CREATE TABLE copied_trees (
  root_run_id TEXT NOT NULL PRIMARY KEY REFERENCES dag_runs (run_id),
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
